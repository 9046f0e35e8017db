"""A variable that nothing reads is named with the setting that was meant; it stops nothing."""

from __future__ import annotations

import re
from typing import Any

import house
import pytest
from command_line import Chapar, chapar

from data.errors import Refused
from data.settings import BESIDE_SETTINGS, settings, unknown_variables

__all__ = ["chapar"]  # fixture

SLIP, MEANT = "CHAPAR_DISPATCH__GRUOP", "CHAPAR_DISPATCH__GROUP"


def test_a_slip_is_named_with_what_was_meant(monkeypatch: pytest.MonkeyPatch, chapar: Chapar) -> None:
    assert unknown_variables() == []
    monkeypatch.setenv(SLIP, "7")
    monkeypatch.setenv("CHAPAR_QQQ", "7")
    (name, en, fa), (_, far, _) = unknown_variables()
    assert (name, f"did you mean {MEANT}?" in en, MEANT in fa) == (SLIP, True, True)
    assert far.endswith("see docs/settings.md")
    notices: list[dict[str, Any]] = chapar("settings", code=0)[1]["notices"]
    assert [notice["en"] for notice in notices] == [en, far]
    checks = chapar("doctor")[1]["checks"]
    assert {"name": "settings", "ok": True, "say": en} in checks


def test_a_group_may_come_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPAR_DISPATCH", '{"group": 7}')
    monkeypatch.setenv("chapar_sms__max_parts", "7")
    assert unknown_variables() == []


def test_every_variable_that_some_code_reads_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    read = {
        name
        for file in house.workshop()
        for name in re.findall(r"\"(CHAPAR_[A-Z_]*[A-Z])\"", house.text(file))
    }
    assert read & set(BESIDE_SETTINGS)
    for name in read:
        monkeypatch.setenv(name, "x")
    assert unknown_variables() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAKE", "ftp://x"), ("LANGUAGE", "xx"), ("REGION", "Iran"), ("PUBLIC_URL", "not a url"),
        ("HOME", "/tmp/a[b]"), ("LAKE", "/tmp/*"), ("TIMEZONE", "Mars"),
    ],
)  # fmt: skip
def test_a_value_that_means_nothing_is_refused_by_its_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"CHAPAR_{name}", value)
    settings.cache_clear()
    with pytest.raises(Refused) as refused:
        settings()
    assert refused.value.field == f"CHAPAR_{name}"
    assert "this value cannot be used" not in refused.value.en
