"""Unfinished input: two tabs of one form, whose it is, what it becomes, and how long it is kept."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data import clock as the_clock
from data.errors import Refused
from data.records import accounts, lines, people, sessions, users
from data.settings import settings
from data.store import operations
from data.use_cases import forms
from data.use_cases.floor import OPERATOR, NotAllowed, Who
from flows.steps import housekeeping
from targeting.orders import placing
from targeting.uploads import store_upload

NUMBER = {"kind": "numbers", "numbers": ["09121234567"]}
ORDER = {"line": "3000", "text": "سلام", "kind": "quick", "audience": {"any": [NUMBER]}}


@pytest.fixture
def sara(home: Path) -> Who:
    """Somebody who may send, signed in, with a line to send from."""
    now = the_clock.now()
    with operations.writing() as c:
        shop = accounts.create_account(
            c, accounts.NewAccount("shop", credit_rials=1_000_000), actor="t", now=now
        )
        lines.set_gateway(c, "sim", adapter="simulator", values={}, actor="t", now=now)
        lines.create_line(c, lines.NewLine("3000", "sim", shop, "service", 90, 60), actor="t", now=now)
    return signed_in(shop, "sara")


def signed_in(account_id: int, name: str) -> Who:
    now = the_clock.now()
    with operations.writing() as c:
        person = users.create_user(c, users.NewUser(account_id, name, "a-long-password"), actor="t", now=now)
        opaque = sessions.open_session(c, person, address="127.0.0.1", now=now)
        viewer = sessions.find_session(c, opaque, now=now)
    assert viewer
    return Who(account_id, viewer.user.role, "page", viewer.user.id, f"user:{name}", session=viewer.session)


def values(who: Who, form_id: int) -> dict[str, Any]:
    return forms.show(who, form_id).values


def test_what_is_typed_is_there_again_after_the_tab_was_closed(sara: Who) -> None:
    form = forms.start(sara, "campaign")
    forms.write(sara, form.id, {"text": "سلام", "row": 2}, seen=0)
    again = forms.show(sara, form.id)
    assert (again.values, again.version) == ({"text": "سلام", "row": 2}, 1)
    assert [one.id for one in forms.listed(sara, "campaign")] == [form.id]


def test_two_tabs_write_different_fields_and_none_is_lost(sara: Who) -> None:
    form = forms.start(sara, "campaign")
    forms.write(sara, form.id, {"text": "a"}, seen=0)
    told = forms.write(sara, form.id, {"title": "b"}, seen=0)  # this tab never read what the other one wrote
    assert (told.others, told.overwritten) == ({"text": "a"}, ())
    assert told.form.values == {"text": "a", "title": "b"}
    assert forms.write(sara, form.id, {"title": "c"}, seen=told.form.version).others == {}


def test_the_last_writer_of_a_field_wins_and_is_told_whose_value_went(sara: Who) -> None:
    form = forms.start(sara, "campaign")
    first = forms.write(sara, form.id, {"text": "one", "row": 1}, seen=0)
    second = forms.write(sara, form.id, {"text": "two", "row": 1}, seen=0)
    assert second.overwritten == ("text",), "the same value twice is no loss"
    assert values(sara, form.id)["text"] == "two"
    other = forms.write(sara, form.id, {}, seen=first.form.version)
    assert other.others == {"text": "two", "row": 1}, "the other tab hears of it at its next look"


def test_an_order_closes_its_form_in_the_same_transaction(sara: Who, monkeypatch: pytest.MonkeyPatch) -> None:
    form = forms.start(sara, "campaign")
    forms.write(sara, form.id, {"text": "سلام"}, seen=0)

    def broken(*_: object, **__: object) -> None:
        raise Refused("credit", "short", "کم")

    with monkeypatch.context() as broke:
        broke.setattr(placing.Case, "note", broken)  # after the order was stored and its form closed
        with pytest.raises(Refused, match="short"):
            placing.order(sara, ORDER, token=form.token, scheduled=True)
    assert forms.show(sara, form.id).placed_id is None
    campaign_id, _ = placing.order(sara, ORDER, token=form.token, scheduled=True)
    assert placing.order(sara, ORDER, token=form.token, scheduled=True)[0] == campaign_id
    assert forms.show(sara, form.id).placed_id == campaign_id
    assert forms.listed(sara, "campaign") == ()
    with pytest.raises(Refused, match=str(campaign_id)):
        forms.write(sara, form.id, {"text": "again"}, seen=9)
    with pytest.raises(Refused, match="no such form"):
        forms.drop(sara, form.id)


def test_a_form_is_its_persons_own_even_inside_one_account(sara: Who) -> None:
    form = forms.start(sara, "campaign")
    colleague = signed_in(sara.account_id or 0, "reza")
    for act in (forms.show, forms.drop, lambda who, one: forms.write(who, one, {"text": "x"}, seen=0)):
        with pytest.raises(Refused, match="no such form"):
            act(colleague, form.id)
    assert forms.listed(colleague, "campaign") == ()


def test_who_may_not_send_and_who_is_nobody_open_no_form(sara: Who) -> None:
    form = forms.start(sara, "campaign")
    with operations.writing() as c:
        people.set_role(c, sara.user_id or 0, "analyst")
    with pytest.raises(NotAllowed):
        forms.start(sara, "campaign")
    with pytest.raises(NotAllowed):
        forms.write(sara, form.id, {"text": "x"}, seen=0)
    for nobody in (OPERATOR, replace(sara, user_id=None, session=None)):
        with pytest.raises(Refused, match="signed in"):
            forms.start(nobody, "campaign")


@pytest.mark.parametrize(
    "given",
    [{"text": "x" * forms.BYTES_MAX}, {str(n): n for n in range(201)}, {"": 1}, {"n" * 61: 1},
     {"a": float("nan")}, {"a": {1, 2}}],
)  # fmt: skip
def test_what_is_no_form_is_refused_and_nothing_of_it_kept(sara: Who, given: dict[str, Any]) -> None:
    form = forms.start(sara, "campaign")
    forms.write(sara, form.id, {"text": "kept"}, seen=0)
    with pytest.raises(Refused) as refused:
        forms.write(sara, form.id, given, seen=1)
    assert refused.value.field == "form"
    assert values(sara, form.id) == {"text": "kept"}


def test_a_person_has_so_many_open_forms_and_no_more(sara: Who, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "FORMS_MAX", 2)
    first, _ = forms.start(sara, "campaign"), forms.start(sara, "campaign")
    with pytest.raises(Refused, match="throw one away"):
        forms.start(sara, "campaign")
    forms.drop(sara, first.id)
    forms.start(sara, "campaign")
    with pytest.raises(Refused, match="use one of"):
        forms.start(sara, "kontest")


def test_an_open_form_keeps_its_upload_thirty_days_and_no_longer(sara: Who, clock: Any) -> None:
    upload = store_upload(b"mobile\n09121234567\n", sara.account_id)
    file = settings().root / "uploads" / str(sara.account_id) / upload
    form = forms.start(sara, "campaign")
    forms.write(sara, form.id, {"additions": [{"kind": "file", "upload": upload}]}, seen=0)
    aged(file, days=2)
    housekeeping.tidy()
    assert file.exists()
    clock.advance(days=31)
    swept = housekeeping.tidy()
    assert swept["forms"] == 1
    assert not file.exists()


def aged(file: Path, *, days: int) -> None:
    """Make a file look as if it had been written so many days ago."""
    then = the_clock.now().timestamp() - days * 86_400
    os.utime(file, (then, then))
