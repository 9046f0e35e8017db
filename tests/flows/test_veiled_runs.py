"""A run beside rented people tells nothing for nothing: what is planned and stopped tells the same, whoever
of an account's numbers is rented; what was sent whole tells everything and adds up.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from desk import FIRST_NUMBER, STOP, Desk, open_desk

from dashboards import download
from data import clock as the_clock
from data.records import accounts, ledger, lines, runs, suppression
from data.records.ledger import Entry
from data.store import operations
from data.store.population import open_population
from data.use_cases import campaigns as verbs
from data.use_cases import evidence, messages, money, reports
from data.use_cases.floor import OPERATOR, Who
from data.use_cases.messages import Wanted
from flows.steps import closing, planning, recovering
from flows.steps.explaining import explain
from targeting.audience import parse_audience, told
from targeting.orders import checking, choosing, placing
from targeting.population.build import build_population
from targeting.population.report import BuildRequest

PEOPLE = {FIRST_NUMBER + 7 * i for i in range(300)}
TEHRAN = {"kind": "region", "province": "23"}
MEMBERS = sorted(PEOPLE)[40:65]  # of the bank, and so are those of the account that knows them
NOBODY = [number + 1 for number in MEMBERS]
NAMES = ("shop", "rival")
NOON = 12
HOWS = ("any", "none", "suppressed", "history")


def listed(numbers: list[int]) -> dict[str, Any]:
    return {"kind": "numbers", "numbers": [f"+{number}" for number in numbers]}


@pytest.fixture
def worlds(home: Path, tmp_path: Path, clock: Any) -> list[Desk]:
    """Two accounts alike in all but this: the numbers of one are rented people, those of the other none."""
    civil = the_clock.now().astimezone(ZoneInfo("Asia/Tehran"))
    clock.advance(hours=24 + NOON - civil.hour)  # adverts go by day
    rows = "".join(f"{number},23\n" for number in sorted(PEOPLE))
    (tmp_path / "subscribers.csv").write_text(f"msisdn,province\n{rows}")
    now = the_clock.now()
    build_population(BuildRequest(now.date(), now, raw=tmp_path))
    first = open_desk(home, "G0", kind="ad", bulk=50, in_flight=1)
    with operations.writing() as c:
        other = accounts.create_account(
            c, accounts.NewAccount("rival", credit_rials=1_000_000), actor="test", now=now
        )
        lines.create_line(c, lines.NewLine("3001", "sim", other, "ad", 90, 60), actor="test", now=now)
    return [first, Desk(first.gateway, other)]


def order(d: Desk, numbers: list[int], how: str, **more: Any) -> dict[str, Any]:
    """An order in which `numbers` play their part; entries and earlier sends are made where they are it."""
    tree: dict[str, Any] = {"any": [TEHRAN], **more}
    if how in ("any", "none"):
        tree.setdefault(how, [])
        tree[how] = [*tree[how], listed(numbers)]
    if how == "suppressed":
        with operations.writing() as c:
            suppression.add(
                c, numbers, account_id=d.account_id, why="blacklist", source="page", now=the_clock.now()
            )
    if how == "history":
        earlier = run(d, {"any": [listed(numbers)], "series": "spring"})
        send_whole(d, earlier)
        tree["series"] = "spring"
    return tree


def line_of(d: Desk) -> str:
    return "3000" if d.account_id == 1 else "3001"


def run(d: Desk, tree: dict[str, Any]) -> int:
    return d.run(line=line_of(d), audience=tree)


def send_whole(d: Desk, run_id: int) -> None:
    for _ in range(20):
        d.tick()
    closing.close_complete()
    assert d.of(run_id).state == "closed"


def stop(d: Desk, run_id: int) -> None:
    verbs.stop(Who(d.account_id), d.of(run_id).campaign_id)
    recovering.release_cancelled()
    closing.close_complete()
    assert d.of(run_id).state == "cancelled"


def checked(d: Desk, tree: dict[str, Any]) -> dict[str, Any]:
    """What is said where the order is given."""
    given = {"line": line_of(d), "text": "سلام", "audience": tree}
    return plain(placing.check(Who(d.account_id), given, token=f"t{d.account_id}").to_json())


def counted(d: Desk, tree: dict[str, Any]) -> dict[str, Any]:
    """What a count says, with the row that is proposed."""
    draft = {"line": line_of(d), "text": "سلام", "audience": tree}
    with operations.reading() as c:
        made = checking.draft_of(c, draft, checking.Orderer(d.account_id, "t", "t"), now=the_clock.now())
        who = choosing.scope_of(c, made, today=planning.civil_today())
    with open_population() as population:
        found = told(parse_audience(made.audience), population, who)
    return plain(found.to_json() | {"at_most": found.at_most, "sure": found.sure})


def said(d: Desk, run_id: int) -> dict[str, Any]:
    """Everything that its account is told of a run."""
    who, one = Who(d.account_id), d.of(run_id)
    listing = reports.search(who, reports.Filter(id=one.campaign_id), limit=9)
    number = (MEMBERS if d.account_id == 1 else NOBODY)[3]
    return plain({
        "report": reports.report(who, one.campaign_id).to_json(),
        "run": reports.run(who, run_id).to_json(),
        "list": [row.to_json() for row in listing.rows],
        "money": asdict(money.balances(who)),
        "outlook": asdict(verbs.outlook(who, one.campaign_id)),
        "page": asdict(messages.page(who, run_id, Wanted(), offset=0, limit=9)),
        "search": asdict(messages.page(who, run_id, Wanted(number=f"+{number}"), offset=0, limit=9)),
        "file": b"".join(download.rows_of(who, run_id, "en")).decode(),
        "why": [step["say"] for step in explain(number, run_id, account_id=d.account_id)],
        "evidence": asdict(evidence.of_run(who, run_id)),
        "daily": reports.daily(who, 2).to_dicts(),
    })  # fmt: skip


def plain(told_of: Any) -> Any:
    """Return a document without what tells the two accounts apart in any case: ids, names, moments."""
    if isinstance(told_of, dict):
        ids = {"campaign_id", "run_id", "occurrence", "account", "line", "milliseconds", "runs", "at"}
        kept = {name: value for name, value in told_of.items() if name not in ids and name[-3:] != "_at"}
        return {name: plain(value) for name, value in kept.items()}
    if isinstance(told_of, (list, tuple)):
        return [plain(one) for one in told_of]
    return re.sub(r"(run|campaign|batch) \d+", r"\1", told_of) if isinstance(told_of, str) else told_of


@pytest.mark.parametrize("cut", [{}, {"row": 1, "count": 120}, {"row": 41, "count": 255}])
@pytest.mark.parametrize("how", HOWS)
def test_what_is_planned_and_stopped_tells_the_same_whoever_of_a_list_is_rented(
    worlds: list[Desk], how: str, cut: dict[str, int]
) -> None:
    told_of: list[list[Any]] = []
    for d, numbers in zip(worlds, (MEMBERS, NOBODY), strict=True):
        tree = order(d, numbers, how, **cut)
        steps = [checked(d, tree), counted(d, tree)]
        run_id = run(d, tree)
        assert d.of(run_id).state == "running", d.of(run_id).why
        steps += [said(d, run_id), counted(d, tree)]
        d.clean()
        stop(d, run_id)
        steps += [said(d, run_id), counted(d, tree)]
        assert d.money().held == d.money().unknown == 0
        d.clean()
        told_of.append(steps)
    for first, second in zip(*told_of, strict=True):
        assert first == second
    exact = [reports.run(OPERATOR, r).run.n for r in _newest(worlds)]
    if how != "history":
        assert exact[0] != exact[1] or cut, "the worlds differ in what would be sent"


@pytest.mark.parametrize("how", ["none", "suppressed"])
def test_a_run_that_is_stopped_on_its_way_tells_what_was_sent_and_no_more(
    worlds: list[Desk], how: str
) -> None:
    told_of = []
    for d, numbers in zip(worlds, (MEMBERS, NOBODY), strict=True):
        run_id = run(d, order(d, numbers, how))
        d.gateway.script = ["ok", STOP]  # the line is stopped after the first batch
        d.tick()
        sent = sum(batch.n for batch in d.batches(run_id) if batch.state == "done")
        assert sent == 50
        steps = [said(d, run_id)]
        stop(d, run_id)
        steps.append(said(d, run_id))
        report = reports.run(Who(d.account_id), run_id)
        assert (report.run.n, report.at_most) == (300, True)
        assert report.states == {"submitted": sent}
        assert report.money.charged == 90 * sent
        assert d.money().available == 1_000_000 - 90 * sent
        d.clean()
        told_of.append(steps)
    assert told_of[0] == told_of[1]


def test_what_was_sent_whole_is_told_exactly_and_adds_up(worlds: list[Desk]) -> None:
    d, who = worlds[0], Who(worlds[0].account_id)
    run_id = run(d, order(d, MEMBERS, "none"))
    assert d.money().held == 300 * 90, "the bound is held"
    assert reports.run(who, run_id).money.price == 300 * 90
    send_whole(d, run_id)
    report = reports.run(who, run_id)
    assert (report.run.n, report.at_most, report.money.price) == (275, False, 275 * 90)
    assert report.run.waterfall is not None
    assert report.run.waterfall[-1]["left"] == 275
    assert sum(report.states.values()) == 275
    assert messages.page(who, run_id, Wanted(), offset=0, limit=9).total == 275
    assert (d.money().held, d.money().available) == (0, 1_000_000 - 275 * 90)
    d.clean()


def test_the_operator_of_the_home_is_always_told_exactly(worlds: list[Desk]) -> None:
    run_id = run(worlds[0], order(worlds[0], MEMBERS, "suppressed"))
    report = reports.run(OPERATOR, run_id)
    assert (report.run.n, report.at_most, report.states) == (275, False, {"queued": 275})
    assert report.open_batches["ready"] == 6
    assert messages.page(OPERATOR, run_id, Wanted(), offset=0, limit=9).total == 275


def test_own_numbers_alone_are_told_at_once(worlds: list[Desk]) -> None:
    d = worlds[0]
    run_id = run(d, {"any": [listed(MEMBERS)]})
    report = reports.run(Who(d.account_id), run_id)
    assert (report.run.n, report.veiled, report.states) == (25, False, {"queued": 25})


def test_credit_that_lacks_is_that_of_the_bound(worlds: list[Desk]) -> None:
    lacking = []
    for d, numbers in zip(worlds, (MEMBERS, NOBODY), strict=True):
        tree = order(d, numbers, "suppressed")
        with operations.writing() as c:
            sides = ledger.available(d.account_id), ledger.ADJUSTMENTS
            ledger.post(c, [Entry(f"t:{d.account_id}", *sides, 1_000_000 - 280 * 90)], actor="t",
                        now=the_clock.now())  # fmt: skip
        run_id = run(d, tree)
        assert d.of(run_id).state == "refused_funds"
        lacking.append((d.of(run_id).why, said(d, run_id)))
    assert lacking[0] == lacking[1]
    assert "1,800 rials" in str(lacking[0][0])


@pytest.mark.parametrize(("left_out", "kind"), [(281, "blacklist"), (299, "blacklist"), (281, "none")])
def test_who_leaves_out_all_but_a_few_sends_to_nobody_and_is_told_the_same(
    worlds: list[Desk], left_out: int, kind: str
) -> None:
    many = sorted(PEOPLE)[:left_out]
    why = []
    for d, numbers in zip(worlds, (many, [number + 1 for number in many]), strict=True):
        tree = order(d, numbers, "none" if kind == "none" else "suppressed")
        found = counted(d, tree)
        assert found["matched"] == 300
        run_id = run(d, tree)
        assert d.of(run_id).state == "cancelled"
        why.append((d.of(run_id).why, found))
    assert why[0] == why[1]
    assert "could leave fewer than 20" in str(why[0][0])


def test_opt_outs_of_people_themselves_keep_nobody_from_sending(worlds: list[Desk]) -> None:
    d = worlds[0]
    with operations.writing() as c:
        now, line = the_clock.now(), lines.of_account(c, d.account_id)[0]
        same = {"account_id": d.account_id, "line_id": line.id, "at": now, "inbound_id": None}
        suppression.leave(c, [same | {"msisdn": number} for number in sorted(PEOPLE)[:285]])
    run_id = run(d, {"any": [TEHRAN]})
    assert d.of(run_id).state == "cancelled", "fewer than 20 are not written to all the same"
    with operations.writing() as c:
        suppression.lift(c, sorted(PEOPLE)[:30], account_id=d.account_id, now=the_clock.now())
    assert d.of(run(d, {"any": [TEHRAN]})).n == 45


def _newest(worlds: list[Desk]) -> list[int]:
    with operations.reading() as c:
        every = runs.in_states(c, ("cancelled",))
    return [max(one.id for one in every if one.account_id == d.account_id) for d in worlds]
