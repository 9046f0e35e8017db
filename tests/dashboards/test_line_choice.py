"""Choosing a line, one sees what a part costs on it: Persian and Latin, where they differ."""

from __future__ import annotations

from dataclasses import replace

import pytest
from doors import House

from dashboards.session import Here
from dashboards.views.send import compose as send
from data import clock as the_clock
from data.records import accounts, lines, users
from data.records.sessions import Viewer
from data.rules.pricing import Tariff
from data.store import operations


@pytest.mark.parametrize(
    ("language", "both", "one"),
    [
        ("en", "3000 – Service – Persian 90 rial, Latin 225 rial", "3000 – Service – 90 rial"),
        ("fa", "۳۰۰۰ – خدماتی – فارسی ۹۰ ریال، لاتین ۲۲۵ ریال", "۳۰۰۰ – خدماتی – ۹۰ ریال"),
    ],
)
def test_a_line_is_offered_with_both_prices(house: House, language: str, both: str, one: str) -> None:
    now = the_clock.now()
    with operations.writing() as c:
        lines.set_gateway(c, "sim", adapter="simulator", values={}, actor="test", now=now)
        lines.create_line(
            c, lines.NewLine("3000", "sim", house.demo_id, "service", 90, 60), actor="test", now=now
        )
        (line,) = lines.of_account(c, house.demo_id)
        person = users.get(c, 2)
        assert person
        here = Here(Viewer(person, accounts.get(c, house.demo_id), False, ""), language)
    assert send._line(here, line) == both
    assert send._line(here, replace(line, tariff=Tariff(90, 90, 60))) == one
