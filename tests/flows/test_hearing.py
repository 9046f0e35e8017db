"""Messages of people are entered once, as they came, whatever is said twice, killed, unknown, unreadable."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from commanded import chapar
from desk import Desk, open_desk, together
from people import ALI, SARA, arrive, hear, message, messages, out, replies, rows

from data import clock as the_clock
from data.records import accounts, lines
from data.records import inbound as records
from data.store import operations, spool
from data.store.tables import quarantine, spool_segment, suppression
from flows.steps import hearing, housekeeping, replying


@pytest.fixture
def desk(home: Path) -> Desk:
    return open_desk(home)


def at(**since: float) -> str:
    return (the_clock.now() + timedelta(**since)).isoformat()


def test_a_message_with_one_id_is_one_however_often_it_comes(desk: Desk) -> None:
    said = message("لغو")
    first = hear(desk.box, said, said)
    again = hear(desk.box, said | {"text": "another"}, [said, said])
    assert (first["inbound"], first["duplicates"], first["answered"]) == (1, 1, 1)
    assert (again["inbound"], again["duplicates"], again["answered"]) == (0, 3, 0)
    assert messages()["text"].to_list() == ["لغو"]


def test_two_gateways_may_count_alike(desk: Desk) -> None:
    desk.others["second"] = open_second(desk)
    said = message("سلام", id="7")
    arrive(said)
    arrive(said | {"to": "4000"}, gateway="second")
    assert hearing.drain(desk.box).inbound == 2


def open_second(desk: Desk) -> Any:
    now = the_clock.now()
    with operations.writing() as c:
        lines.set_gateway(c, "second", adapter="simulator", values={}, actor="t", now=now)
        new = lines.NewLine("4000", "second", desk.account_id, "service", 90, 60)
        lines.create_line(c, new, actor="t", now=now)
    return desk.gateway


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({}, 1),
        ({"from": str(SARA)}, 2),
        ({"text": "بله!"}, 2),
        ({"at": at(seconds=-10)}, 2),
    ],
)
def test_without_an_id_sender_line_text_and_second_tell_messages_apart(
    desk: Desk, more: dict[str, str], kept: int
) -> None:
    said = message("بله", id=None, at=the_clock.now().replace(microsecond=1).isoformat())
    later = said | {"at": the_clock.now().replace(microsecond=999_999).isoformat()}
    done = hear(desk.box, said, later | more)
    assert (done["inbound"], done["duplicates"]) == (kept, 2 - kept)


def test_without_id_and_time_both_are_kept_and_the_later_is_marked(desk: Desk, clock: Any) -> None:
    said = message("لغو", id=None, at=None)
    hear(desk.box, said)
    clock.advance(seconds=100)
    near = hear(desk.box, said)
    clock.advance(seconds=121)
    far = hear(desk.box, said, message("لغو", SARA, id=None, at=None))
    assert (near["inbound"], near["duplicates"], near["answered"]) == (1, 1, 0)
    assert (far["inbound"], far["duplicates"]) == (2, 0)
    assert messages()["duplicate"].to_list() == [False, True, False, False]


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        ({"hours": -23.9}, "the operator's"),
        ({"seconds": 55}, "the operator's"),
        ({"hours": -24.1}, "ours"),
        ({"seconds": 65}, "ours"),
        (None, "ours"),
    ],
)
def test_the_operators_time_counts_where_it_can_be_true(
    desk: Desk, told: dict[str, float] | None, counts: str
) -> None:
    hear(desk.box, message("سلام", at=at(**told) if told else None))
    (row,) = messages().iter_rows(named=True)
    assert (row["told_at"] is None) is (told is None)
    assert row["at"] == (row["told_at"] if counts == "the operator's" else row["received_at"])


@pytest.mark.parametrize("to", ["3000", "+983000", "983000", "00983000", "۳۰۰۰", " 3000 "])
def test_a_line_is_known_however_its_country_is_written(desk: Desk, to: str) -> None:
    said = hear(desk.box, message("لغو", to=to))
    assert (said["unknown_line"], out()) == (0, {(desk.account_id, ALI)})


def test_what_came_to_no_line_of_the_gateway_is_kept_said_and_has_no_effect(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    open_second(desk)
    with caplog.at_level("WARNING", "chapar.inbound"):
        said = hear(desk.box, message("لغو", to="9999"), message("لغو", to="4000"))
    assert (said["inbound"], said["unknown_line"], said["answered"], out()) == (2, 2, 0, set())
    assert messages()["account_id"].to_list() == [None, None]
    assert "2 messages" in caplog.text
    assert str(ALI) not in caplog.text


def test_a_body_nobody_can_read_is_quarantined_and_its_neighbours_are_entered(desk: Desk) -> None:
    said = hear(desk.box, "{not json", message("لغو"), json.dumps({"from": str(ALI)}), message("12", SARA))
    assert (said["inbound"], said["quarantined"]) == (2, 2)
    assert rows(quarantine).select("kind", "gateway").unique().rows() == [("mo", "sim")]
    arrive(message("لغو"), gateway="nobody's")
    assert hearing.drain(desk.box).quarantined == 1


def test_text_is_kept_as_it_came_but_for_what_no_store_takes(desk: Desk) -> None:
    strange = "<img src=x onerror=…> [x](javascript:…) \u202e «سلام» 😀\r\n"
    hear(desk.box, message(strange), message("a\0b"), message("x" * 20_000))
    assert messages()["text"].to_list() == [strange, "ab", "x" * 10_000]


def test_many_messages_are_entered_in_transactions_of_a_few_thousand(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    real = records.enter

    def counted(c: Any, given: list[Any]) -> Any:
        sizes.append(len(given))
        return real(c, given)

    monkeypatch.setattr(records, "enter", counted)
    many = [message("لغو" if place % 2 else "سلام", ALI + place) for place in range(12_000)]
    said = hear(desk.box, *(many[start : start + 1_000] for start in range(0, 12_000, 1_000)))
    assert sizes == [5_000, 5_000, 2_000]
    assert (said["inbound"], said["opted_out"], said["answered"]) == (12_000, 6_000, 6_000)
    assert len(out()) == 6_000


@pytest.mark.parametrize(
    "point", ["inbound.inside", "inbound.after_rows", "reply.after_file", "reply.inside"]
)
def test_a_drain_that_is_killed_anywhere_has_done_its_work_once(desk: Desk, point: str) -> None:
    bare = message("خاموش", SARA, id=None, at=None)  # nothing tells it from its like but its place
    arrive([message("لغو", ALI + 5 + place) for place in range(3)], message("لغو"), bare)
    killed, _, _ = chapar("inbound", "--drain", CHAPAR_FAILPOINTS=f"{point}=1")
    assert killed == -9
    code, again, _ = chapar("inbound", "--drain")
    assert code == 0
    assert again is not None
    assert messages().height == 5
    assert rows(suppression)["msisdn"].sort().to_list() == sorted([ALI, SARA, *range(ALI + 5, ALI + 8)])
    assert [state for _, state, _ in replies()] == ["taken"] * 5
    desk.tick()
    assert set(desk.gateway.copies().values()) == {1}
    assert desk.gateway.copies().total() == 5
    assert spool.sealed("mo") == []
    desk.clean()


def test_a_segment_that_comes_back_after_its_drain_does_nothing(desk: Desk) -> None:
    arrive(message("لغو", id=None, at=None))
    (segment,) = spool.sealed("mo")
    raw = segment.path.read_bytes()
    hearing.drain(desk.box)
    segment.path.write_bytes(raw)
    with operations.writing() as c:
        c.execute(sa.delete(spool_segment))  # not even its name is remembered
    assert hearing.drain(desk.box).inbound == 0
    assert messages().height == 1


def test_four_drains_at_once_enter_everything_once_and_answer_once(desk: Desk) -> None:
    for start in range(0, 200, 50):
        arrive([message("لغو", ALI + start + place) for place in range(50)])
    done = together(4, lambda _: (hearing.drain(desk.box).inbound, replying.answer(desk.box).answered))
    assert sum(heard for heard, _ in done) == 200
    replying.answer(desk.box)
    desk.tick()
    assert messages().height == 200
    assert desk.gateway.copies().total() == 200
    desk.clean()


def test_the_same_holds_on_postgresql(postgres: Path) -> None:
    desk = open_desk(postgres)
    for start in range(0, 120, 30):
        arrive([message("لغو", ALI + start + place) for place in range(30)])
    said = message("12", ALI, id=None, at=None)
    together(4, lambda _: (hearing.drain(desk.box), replying.answer(desk.box)))
    done = hear(desk.box, said, said)
    assert (done["inbound"], done["duplicates"], done["opted_in"]) == (2, 1, 1)
    assert messages().height == 122
    assert len(out()) == 119
    desk.tick()
    assert desk.gateway.copies().total() == 121
    desk.clean()


def test_an_id_that_comes_again_after_a_month_is_another_message(desk: Desk, clock: Any) -> None:
    said = message("سلام", id="1")
    hear(desk.box, said)
    clock.advance(hours=29 * 24)
    assert housekeeping.forget_inbound_ids() == 0
    clock.advance(hours=2 * 24)
    assert housekeeping.forget_inbound_ids() == 1
    assert hear(desk.box, said)["inbound"] == 1


def test_an_account_without_a_line_hears_nothing(desk: Desk) -> None:
    with operations.writing() as c:
        other = accounts.create_account(c, accounts.NewAccount("other"), actor="t", now=the_clock.now())
    hear(desk.box, message("سلام"))
    assert messages()["account_id"].to_list() == [desk.account_id]
    assert other != desk.account_id
