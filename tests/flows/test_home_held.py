"""What a held home says, where its counter stands, and what its release leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from copied_home import chapar, copy_of, planned, put_back, reason, tick

from data.errors import Refused
from data.records import ledger
from data.settings import settings
from data.store import operations, outside
from data.store.tables import audit_log
from data.use_cases.floor import OPERATOR
from flows.steps import holding
from flows.steps.auditing import audit
from gateways.use_cases import home as use_case

Opened = Callable[..., Any]


def test_a_place_that_cannot_be_written_or_read_holds_the_home(
    desk: Opened, tmp_path: Path, monkeypatch: Any
) -> None:
    d = desk("G2")
    d.run(1)
    d.tick()
    record = outside.place() / "homes" / f"{holding.look().home_id}.json"
    record.write_bytes(b"{half")
    assert reason() == "unreadable"
    assert use_case.release(OPERATOR, "the disk was full").was == "unreadable"
    assert reason() is None
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CHAPAR_STATE_DIR", str(tmp_path / "file" / "below"))
    settings.cache_clear()
    assert reason() == "no_place"
    d.run(1, first=10)
    d.tick()
    assert len(d.gateway.calls) == 1
    assert "CHAPAR_STATE_DIR" in str(holding.look().why())


def test_the_demos_home_is_exempt_on_its_own_machine_only(
    open_shop: Opened, home: Path, clock: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    (home / ".demo").touch()
    shop = open_shop("G2")
    planned(shop, 1)
    kept = copy_of(home)
    tick()
    put_back(home, kept)
    assert reason() is None
    tick()
    monkeypatch.setenv("CHAPAR_STATE_DIR", str(tmp_path / "another machine"))
    settings.cache_clear()
    assert reason() == "elsewhere"


def test_every_claim_stands_outside_before_its_call(desk: Opened) -> None:
    d = desk("G2", bulk=1, in_flight=1)
    seen: list[tuple[int, int]] = []
    real = d.gateway.submit

    def look(*given: Any, **more: Any) -> Any:
        inside = holding.look()
        assert inside.outside is not None
        seen.append((inside.counter, inside.outside.counter))
        return real(*given, **more)

    d.gateway.submit = look
    d.run(4)
    d.tick()
    assert seen == [(n, n) for n in range(1, 5)]


def test_a_release_needs_a_reason_and_is_traced_and_one_of_a_free_home_does_nothing(
    open_shop: Opened, home: Path, clock: Any
) -> None:
    shop = open_shop("G2")
    with pytest.raises(Refused) as caught:
        use_case.release(OPERATOR, "  ")
    assert caught.value.field == "why"
    assert use_case.release(OPERATOR, "for fun").was is None
    planned(shop, 1)
    kept = copy_of(home)
    tick()
    put_back(home, kept)
    use_case.release(OPERATOR, "restored")
    with operations.reading() as c:
        traced = [row for row in c.execute(audit_log.select()) if row.action == "home.release"]
    assert [(row.detail["why"], row.detail["reason"]) for row in traced] == [("restored", "behind")]


def test_money_of_what_is_set_aside_is_called_unknown(open_shop: Opened, home: Path, clock: Any) -> None:
    shop = open_shop("G0", settings={"bulk": 2})
    planned(shop, 4)
    kept = copy_of(home)
    tick()
    put_back(home, kept)
    use_case.release(OPERATOR, "restored")
    with operations.reading() as c:
        money = ledger.balances(c, shop.account_id)
    assert (money.held, money.unknown) == (0, 4 * 90)
    assert audit()["ok"]


def test_worker_and_campaign_run_say_that_they_are_held_and_show_says_why(
    open_shop: Opened, home: Path, clock: Any
) -> None:
    shop = open_shop("G2")
    planned(shop, 1)
    kept = copy_of(home)
    tick()
    campaign_id = shop.campaign(1, first=9)
    put_back(home, kept)
    campaign_id = shop.campaign(1, first=9)
    for words in (("worker", "--once"), ("campaign", "run", str(campaign_id))):
        code, told = chapar(*words)
        assert (code, told["held"], "older copy" in told["why"]) == (3, True, True)
    code, told = chapar("home", "show")
    assert (code, told["held"], "older copy" in told["why"]) == (0, True, True)
    assert {"home_id", "held", "why", "machine"} <= told.keys()
    assert len(shop.copies()) == 1
