"""The administrators' home page says which gateways are not what they claim, in both languages."""

from __future__ import annotations

import pytest
from doors import House
from streamlit.testing.v1 import AppTest

from data import clock as the_clock
from data.records import lines, proofs
from data.store import operations
from gateways import config
from gateways.proofs import claim_of


def _page(account_id: int, user_id: int, language: str) -> None:
    from dashboards.session import Here
    from dashboards.views.home import home
    from data import clock
    from data.records import sessions
    from data.store import operations

    with operations.writing() as c:
        opaque = sessions.open_session(c, user_id, address="127.0.0.1", now=clock.now())
        viewer = sessions.find_session(c, opaque, now=clock.now())
    assert viewer
    assert viewer.account.id == account_id
    home._gateways(Here(viewer, language))


def _shown(account_id: int, user_id: int, language: str) -> AppTest:
    page = AppTest.from_function(_page, args=(account_id, user_id, language)).run(timeout=20)
    assert not page.exception
    return page


@pytest.fixture
def gateways(house: House) -> House:
    """One gateway that failed, one that was never tested, one that claims nothing."""
    now = the_clock.now()
    with operations.writing() as c:
        for name, gateway_class in (("bad", "G2"), ("new", "G1"), ("blind", "G0")):
            values = {"adapter": "http", "base": "http://127.0.0.1:9", "class": gateway_class}
            lines.set_gateway(c, name, adapter="http", values=values, actor="test", now=now)
        claim = claim_of(c, "bad", config.load_settings(c)["bad"])
        proofs.begin(c, claim, now=now)
        proofs.finish(c, claim, proofs.Result("failed", "second_id"), actor="test", now=now)
    return house


@pytest.mark.parametrize(
    ("language", "failed", "declared"),
    [
        ("en", "runs as G0", "G1 declared, not proven"),
        ("fa", "با رده G0 کار می‌کند", "G1 اعلام شده و ثابت نشده"),
    ],
)
def test_an_administrator_reads_it(gateways: House, language: str, failed: str, declared: str) -> None:
    page = _shown(gateways.admin_id, 1, language)
    (warning,), (caption,) = page.warning, page.caption
    assert failed in warning.value
    assert declared in caption.value


def test_a_customer_does_not(gateways: House) -> None:
    page = _shown(gateways.demo_id, 2, "en")
    assert not page.warning
    assert not page.caption
