"""«لغو۱۱» is read and obeyed: at the next claim, once, with one confirmation; and so is the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desk import FIRST_NUMBER, Desk, open_desk
from people import ALI, SARA, arrive, hear, message, messages, out, replies, rows

from data import clock as the_clock
from data.records import accounts, ledger, line_shares, lines, suppression
from data.rules.reserved import STARTED, STOPPED
from data.rules.sms import count_parts
from data.store import operations
from data.store.tables import audit_log, campaign
from data.store.tables import suppression as entries
from data.use_cases import campaigns, reports
from data.use_cases.floor import Who
from flows.steps import hearing, planning, replying, starting


@pytest.fixture
def desk(home: Path) -> Desk:
    return open_desk(home)


def sent(desk: Desk) -> list[tuple[int, str]]:
    """Every text that left, in order."""
    return [
        pair for call in desk.gateway.calls for pair in call.messages.select("msisdn", "text").iter_rows()
    ]


WRITINGS = ("11", "۱۱", "لغو", "لغو ۱۱", "لغو۱۱", " Stop. ", "OFF", "خاموش!", "لغو\u200c۱۱", "«لغو»")


@pytest.mark.parametrize("text", WRITINGS)
def test_an_opt_out_word_in_any_writing_is_obeyed_and_confirmed_once(desk: Desk, text: str) -> None:
    said = hear(desk.box, message(text))
    assert (said["inbound"], said["answered"], said["opted_out"], said["duplicates"]) == (1, 1, 1, 0)
    assert out() == {(desk.account_id, ALI)}
    desk.tick()
    assert sent(desk) == [(ALI, STOPPED)]
    run_id = desk.campaign(1, first=ALI - FIRST_NUMBER, advertising=True) and starting.start_due()[-1]
    planning.plan_due(desk.box)
    assert desk.of(run_id).state == "closed", "nobody is left to write to"
    desk.clean()


@pytest.mark.parametrize("text", ["لغو نوبت", "111", "لغو کنید لطفا", "بله", "stopp", "11 12", "نوبت لغو"])
def test_what_only_holds_such_a_word_is_no_opt_out(desk: Desk, text: str) -> None:
    said = hear(desk.box, message(text))
    assert (said["inbound"], said["answered"]) == (1, 0)
    assert out() == set()
    assert messages()["word"].to_list() == [None]


def test_an_opt_out_while_a_run_is_under_way_is_obeyed_at_the_next_claim(home: Path) -> None:
    desk = open_desk(home, bulk=2)
    run_id = desk.run(6, advertising=True)
    late = FIRST_NUMBER + 4
    hear(desk.box, message("لغو۱۱", late))
    before = desk.money()
    desk.tick()
    texts = dict(sent(desk))
    assert texts.pop(late) == STOPPED
    assert set(texts) == {FIRST_NUMBER + place for place in range(6) if place != 4}
    assert desk.states(run_id) == {"submitted": 5, "suppressed": 1}
    assert before.available + 90 == desk.money().available
    desk.clean()


def test_twelve_brings_back_and_the_entry_says_which_message_ended_it(desk: Desk) -> None:
    hear(desk.box, message("لغو"))
    desk.tick()
    said = hear(desk.box, message("۱۲"))
    assert (said["answered"], said["opted_in"], out()) == (1, 1, set())
    (entry,) = rows(entries).iter_rows(named=True)
    first, second = messages()["id"]
    assert (entry["inbound_id"], entry["lifted_inbound_id"]) == (first, second)
    desk.tick()
    assert sent(desk) == [(ALI, STOPPED), (ALI, STARTED)]


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["لغو", "۱۲"], False),
        (["۱۲", "لغو"], True),
        (["لغو", "۱۲", "لغو"], True),
        (["لغو", "لغو", "۱۲"], False),
    ],
)
def test_of_several_words_in_one_drain_the_last_counts_and_is_answered(
    desk: Desk, words: list[str], left: bool
) -> None:
    said = hear(desk.box, *(message(word) for word in words))
    assert said["inbound"] == len(words)
    assert out() == ({(desk.account_id, ALI)} if left else set())
    desk.tick()
    assert sent(desk) == [(ALI, STOPPED if left else STARTED)]
    causes = rows(entries).select("inbound_id", "lifted_inbound_id").rows() if words != ["۱۲", "لغو"] else []
    assert len(causes) == len(set(causes)), "one row for each cause"


def test_words_that_overtook_one_another_count_in_the_order_of_the_operators_clock(
    desk: Desk, clock: Any
) -> None:
    early, late = (message("لغو"), message("12"))
    early["at"] = the_clock.now().isoformat()
    clock.advance(seconds=30)
    late["at"] = the_clock.now().isoformat()
    hear(desk.box, late)
    said = hear(desk.box, early)
    assert (out(), said["answered"]) == (set(), 0), "who came back after he left is not left out"


def test_the_same_word_again_is_kept_and_not_answered_until_a_day_is_over(desk: Desk, clock: Any) -> None:
    assert hear(desk.box, message("لغو"))["answered"] == 1
    clock.advance(seconds=30)
    again = hear(desk.box, message("لغو ۱۱"))
    assert (again["inbound"], again["answered"]) == (1, 0)
    assert messages().height == 2
    clock.advance(hours=25)
    assert hear(desk.box, message("لغو"))["answered"] == 1
    assert rows(entries).height == 1


def test_five_answers_in_ten_minutes_are_the_most_a_pair_gets(desk: Desk, clock: Any) -> None:
    words = ["لغو", "۱۲", "11", "start", "off", "عضویت مجدد", "خاموش", "12"]  # each another text
    answered = []
    for word in words:
        answered.append(hear(desk.box, message(word))["answered"])
        clock.advance(seconds=20)
    assert answered == [1, 1, 1, 1, 1, 0, 0, 0]
    assert replies()[-1] == (ALI, "dropped", "ceiling")
    assert out() == set(), "what is not answered is obeyed all the same"
    clock.advance(minutes=10)
    assert hear(desk.box, message("لغو"))["answered"] == 1


def test_a_robot_that_writes_the_same_again_and_again_gets_five_answers_a_day(desk: Desk, clock: Any) -> None:
    answered = 0
    for _ in range(40):
        for word in ("لغو", "12"):
            answered += hear(desk.box, message(word))["answered"]
            clock.advance(minutes=1)
    assert answered == 5
    assert {why for _, state, why in replies() if state == "dropped"} <= {"robot", "ceiling"}
    clock.advance(hours=25)
    assert hear(desk.box, message("لغو"))["answered"] == 1


def test_a_blacklisted_person_gets_no_answer_and_is_obeyed(desk: Desk) -> None:
    with operations.writing() as c:
        suppression.add(
            c, [ALI], account_id=desk.account_id, why="blacklist", source="t", now=the_clock.now()
        )
    said = hear(desk.box, message("لغو"), message("لغو", SARA))
    assert (said["opted_out"], said["answered"]) == (2, 1)
    assert replies() == [(ALI, "dropped", "blacklist"), (SARA, "taken", None)]
    desk.tick()
    assert sent(desk) == [(SARA, STOPPED)]


@pytest.mark.parametrize("sender", ["BankMellat", "30007", "3000", "02188001122"])
def test_what_is_no_persons_mobile_is_kept_and_never_answered(desk: Desk, sender: str) -> None:
    said = hear(desk.box, message("لغو", sender))
    assert (said["inbound"], said["answered"], out()) == (1, 0, set())


def test_a_line_of_our_own_that_is_a_mobile_number_is_never_answered(desk: Desk) -> None:
    with operations.writing() as c:
        new = lines.NewLine(f"0{ALI - 980_000_000_000}", "sim", desk.account_id, "service", 90, 60)
        lines.create_line(c, new, actor="t", now=the_clock.now())
    assert hear(desk.box, message("لغو"))["answered"] == 0


def test_answers_are_given_in_order_until_the_money_ends_and_the_owner_is_told_once(
    home: Path, clock: Any
) -> None:
    desk = open_desk(home, credit=2 * 90 + 89)
    said = hear(desk.box, *(message("لغو", ALI + place) for place in range(4)))
    assert (said["opted_out"], said["answered"], said["no_credit"]) == (4, 2, 2)
    assert [state for _, state, _ in replies()] == ["taken", "taken", "no_credit", "no_credit"]
    assert len(out()) == 4
    clock.advance(minutes=5)
    hear(desk.box, message("لغو", ALI + 9))
    with operations.reading() as c:
        told = list(c.execute(sa.select(audit_log).where(audit_log.c.action == "reply.no_credit")))
    assert [(row.account_id, row.subject, row.detail) for row in told] == [
        (desk.account_id, "3000", {"answers": 2})
    ]
    desk.tick()
    assert desk.money().available == 89
    desk.clean()


def test_answers_go_before_a_campaign_that_waits_on_the_same_line(home: Path) -> None:
    desk = open_desk(home, "G0", bulk=2)
    desk.run(8)
    hear(desk.box, message("لغو", SARA))
    desk.tick()
    assert sent(desk)[0] == (SARA, STOPPED)


def test_a_confirmation_leaves_outside_the_hours_of_adverts(home: Path, clock: Any) -> None:
    desk = open_desk(home, kind="ad")
    midnight = the_clock.now().replace(hour=20, minute=30, second=0)  # 00:00 in Tehran
    clock.advance(seconds=(midnight - the_clock.now()).total_seconds())
    run_id = desk.run(2)
    hear(desk.box, message("لغو", SARA))
    desk.tick()
    assert sent(desk) == [(SARA, STOPPED)]
    assert desk.states(run_id) == {"queued": 2}


def test_both_confirmations_are_one_part() -> None:
    assert [count_parts(text).parts for text in (STOPPED, STARTED)] == [1, 1]


def test_the_answers_of_a_drain_are_one_run_that_no_list_of_campaigns_shows(desk: Desk) -> None:
    hear(desk.box, *(message("لغو", ALI + place) for place in range(3)))
    hear(desk.box, message("لغو", SARA + 50))
    (order,) = rows(campaign).iter_rows(named=True)
    assert (order["kind"], order["state"], order["advertising"]) == ("reply", "active", False)
    assert desk.of(1).n == 3
    assert desk.of(2).n == 1
    assert reports.kinds(Who(desk.account_id, "user")) == []
    desk.tick()
    desk.hear(*(desk.receipt(ALI + place) for place in range(3)))
    desk.settle()
    assert desk.states(1) == {"delivered": 3}
    desk.clean()


def test_a_line_whose_answers_were_stopped_obeys_and_does_not_answer(desk: Desk) -> None:
    hear(desk.box, message("لغو"))
    desk.tick()
    campaigns.stop(Who(desk.account_id, "user"), 1)
    said = hear(desk.box, message("لغو", SARA))
    assert (said["opted_out"], replies()[-1]) == (1, (SARA, "dropped", "stopped"))


def test_on_a_shared_line_an_opt_out_leaves_every_account_of_it_and_its_owner_pays_the_answer(
    desk: Desk,
) -> None:
    now = the_clock.now()
    with operations.writing() as c:
        other, third = (
            accounts.create_account(c, accounts.NewAccount(name, credit_rials=900), actor="t", now=now)
            for name in ("other", "third")
        )
        (line,) = lines.of_account(c, desk.account_id)
        line_shares.share(c, line.id, other, actor="t", now=now)
    hear(desk.box, message("لغو"))
    assert out() == {(desk.account_id, ALI), (other, ALI)}
    assert third not in {account for account, _ in out()}
    (cause,) = messages()["id"]
    assert rows(entries)["inbound_id"].to_list() == [cause, cause]
    desk.tick()
    assert sent(desk) == [(ALI, STOPPED)]
    with operations.reading() as c:
        assert ledger.balances(c, other).available == 900
    assert desk.money().available == 1_000_000 - 90
    hear(desk.box, message("عضویت مجدد"))
    assert out() == set()


def test_a_service_run_still_reaches_who_opted_out(desk: Desk) -> None:
    hear(desk.box, message("لغو", FIRST_NUMBER))
    run_id = desk.run(2, advertising=False)
    desk.tick()
    assert desk.states(run_id) == {"submitted": 2}


def test_unread_segments_are_told_until_they_are_drained(desk: Desk) -> None:
    arrive(message("سلام"))
    assert hearing.waiting() == 1
    hearing.drain(desk.box)
    assert hearing.waiting() == 0
    assert replying.answer(desk.box) == replying.Answered()
