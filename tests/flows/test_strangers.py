"""Two accounts: what a stranger asks and does, through every use case, reaches nothing of the other one.

A use case that is not in the table here fails the test that lists them: nobody forgets to try it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

import data.use_cases
import gateways.use_cases
import targeting.orders
from data import clock as the_clock
from data.errors import Refused
from data.records import accounts, batches, lines, proofs, sessions, users
from data.records.campaigns import Draft
from data.store import operations
from data.store.tables import metadata
from data.use_cases import accounts as account_cases
from data.use_cases import (
    campaigns,
    evidence,
    floor,
    line_shares,
    messages,
    money,
    reports,
    suppression,
    suppression_imports,
)  # fmt: skip
from data.use_cases import forms as form_cases
from data.use_cases import lines as line_cases
from data.use_cases import processes as process_cases
from data.use_cases import sessions as session_cases
from data.use_cases import users as user_cases
from data.use_cases.floor import NotAllowed, Who
from flows.steps import planning, starting
from gateways.use_cases import gateways as gateway_cases
from gateways.use_cases import home as home_cases
from gateways.use_cases import standings, testing
from targeting.orders import counting, editing, placing

Opened = Callable[..., Any]
MARKS = ("parastoo", "kafsh", "989120000000", "09120000000", "0912 000 0000", "سلام", "7770001")
PASSWORD = "a-long-password"


@dataclass(frozen=True, slots=True)
class Two:
    """The desk of `shop`, whose things bear MARKS, and who the owner of the other account is."""

    desk: Any
    campaign_id: int
    run_id: int
    import_id: int
    form_id: int
    stranger: Who

    @property
    def draft(self) -> Draft:
        """An order of the shop, ready to be stored."""
        with operations.reading() as c:
            (line, *_) = lines.of_account(c, self.desk.account_id)
        tree = {"any": [{"kind": "numbers", "numbers": [989_120_000_001]}]}
        return Draft(self.desk.account_id, line.id, "t", "area", "x", tree, False, "spied", "user:spy")


@pytest.fixture
def two(desk: Opened) -> Two:
    """A shop with a campaign, people, opt-outs and an import; beside it a stranger with every right."""
    d, now = desk(), the_clock.now()
    campaign_id = d.campaign(3, title="kafsh parastoo")
    starting.start_due()
    planning.plan_due(d.box)
    owner = Who(d.account_id, "user")
    with operations.writing() as c:
        parastoo = users.create_user(c, users.NewUser(d.account_id, "parastoo", PASSWORD), actor="t", now=now)
        lines.create_line(
            c, lines.NewLine("7770001", "sim", d.account_id, "service", 90, 60), actor="t", now=now
        )
        other = accounts.create_account(
            c, accounts.NewAccount("other", credit_rials=1_000), actor="t", now=now
        )
        sara = users.create_user(c, users.NewUser(other, "sara", PASSWORD), actor="t", now=now)
        opaque = sessions.open_session(c, sara, address="127.0.0.1", now=now)
        viewer = sessions.find_session(c, opaque, now=now)
    assert viewer
    suppression.add(owner, ["09120000001"], why="parastoo asked")
    given = suppression_imports.ListFile("blacklist", "parastoo", "parastoo.csv", "0" * 64)
    import_id = suppression_imports.begin(owner, given)
    form = form_cases.start(Who(d.account_id, "user", user_id=parastoo), "campaign")
    form_cases.write(Who(d.account_id, "user", user_id=parastoo), form.id, {"text": "parastoo"}, seen=0)
    with operations.reading() as c:
        run_id = max(run.id for run in _runs(c, campaign_id))
        assert batches.of_run(c, run_id)
    return Two(d, campaign_id, run_id, import_id, form.id, Who(None, "admin", "page", session=viewer.session))


def _runs(c: Any, campaign_id: int) -> Any:
    from data.records import runs

    return runs.of_campaign(c, campaign_id)


NUMBER = {"kind": "numbers", "numbers": ["09120000001"]}
ORDER = {"line": "7770001", "text": "x", "audience": {"any": [NUMBER]}}
BLACK = suppression.Filter()
TRIED: dict[str, Callable[[Who, Two], Any]] = {
    "account.show": lambda who, two: account_cases.show(who, "shop"),
    "account.list": lambda who, two: account_cases.listed(who),
    "form.start": lambda who, two: form_cases.start(who, "campaign").values,
    "form.write": lambda who, two: form_cases.write(who, two.form_id, {"text": "spied"}, seen=0),
    "form.show": lambda who, two: form_cases.show(who, two.form_id),
    "form.list": lambda who, two: form_cases.listed(who, "campaign"),
    "form.drop": lambda who, two: form_cases.drop(who, two.form_id),
    "audience.scope": lambda who, two: counting.counted(who, counting.Asked("quick", {"any": [NUMBER]})),
    "campaign.check": lambda who, two: placing.check(who, ORDER, token="x"),
    "campaign.create": lambda who, two: placing.place(who, two.draft, scheduled=True),
    "campaign.placed": lambda who, two: placing.placed(who.doing_once(two.draft.token, "0" * 64)),
    "campaign.edit": lambda who, two: editing.change(who, two.campaign_id, two.draft),
    "campaign.start": lambda who, two: campaigns.start(who, two.campaign_id),
    "campaign.stop": lambda who, two: campaigns.stop(who, two.campaign_id),
    "campaign.pause": lambda who, two: campaigns.pause(who, two.campaign_id),
    "campaign.resume": lambda who, two: campaigns.resume(who, two.campaign_id),
    "campaign.verbs": lambda who, two: campaigns.verbs(who, two.campaign_id),
    "campaign.outlook": lambda who, two: campaigns.outlook(who, two.campaign_id),
    "campaign.report": lambda who, two: reports.report(who, two.campaign_id),
    "campaign.search": lambda who, two: reports.search(who, reports.Filter(), limit=10),
    "campaign.kinds": lambda who, two: reports.kinds(who),
    "campaign.daily": lambda who, two: reports.daily(who, 3).filter(pl.col("sent") > 0).rows(),
    "run.report": lambda who, two: reports.run(who, two.run_id),
    "evidence.of_run": lambda who, two: evidence.of_run(who, two.run_id),
    "message.page": lambda who, two: messages.page(who, two.run_id, messages.Wanted(), offset=0, limit=9),
    "message.export": lambda who, two: messages.export(who, two.run_id),
    "line.own": lambda who, two: line_cases.own(who),
    "line.list": lambda who, two: line_cases.listed(who),
    "line.show": lambda who, two: line_cases.show(who, "7770001"),
    "line.sizes": lambda who, two: line_cases.sizes(who, "7770001"),
    "line.resume": lambda who, two: line_cases.resume(who, "7770001"),
    "money.balances": lambda who, two: money.balances(who),
    "money.purse": lambda who, two: money.purse(who, "shop"),
    "home.show": lambda who, two: home_cases.show(who),
    "session.living": lambda who, two: session_cases.living(who),
    "session.previous": lambda who, two: session_cases.previous_sign_in(who),
    "session.language": lambda who, two: session_cases.set_language(who, "en"),
    "session.act_as_self": lambda who, two: session_cases.act_as_self(who),
    "suppression.list": lambda who, two: suppression.listing(who, account="shop"),
    "suppression.head": lambda who, two: suppression.head(who),
    "suppression.imports": lambda who, two: suppression_imports.listing(who),
    "suppression.add": lambda who, two: suppression.add(who, ["09120000009"], why="x", account="shop"),
    "suppression.remove": lambda who, two: suppression.remove(who, ["09120000001"], why="x"),
    "suppression.remove_found": lambda who, two: suppression.remove_found(who, BLACK, why="x"),
    "suppression.export": lambda who, two: suppression.export(who).rows(),
    "suppression.import": lambda who, two: suppression_imports.begin(
        who, suppression_imports.ListFile("blacklist", "x", "x.csv", "1" * 64), account="shop"
    ),
    "suppression.import_some": lambda who, two: suppression_imports.go_on(
        who, two.import_id, [989_120_000_009]
    ),
    "suppression.import_done": lambda who, two: suppression_imports.finish(
        who, two.import_id, repeated=0, rejects=(), rejected=0
    ),
    "user.list": lambda who, two: user_cases.listed(who, user_cases.Filter()),
    "user.export": lambda who, two: user_cases.export(who, user_cases.Filter()).rows(),
    "user.show": lambda who, two: user_cases.show(who, "parastoo"),
    "user.roles": lambda who, two: user_cases.roles(who, account="shop"),
    "user.create": lambda who, two: user_cases.create(
        who, {"username": "spy", "role": "user"}, account="shop"
    ),
    "user.password": lambda who, two: user_cases.password(who, "parastoo"),
    "user.role": lambda who, two: user_cases.role(who, "parastoo", "analyst"),
    "user.suspend": lambda who, two: user_cases.suspend(who, "parastoo"),
    "user.restore": lambda who, two: user_cases.restore(who, "parastoo"),
    "user.suspend_found": lambda who, two: user_cases.suspend_found(who, user_cases.Filter(text="parastoo")),
    "user.restore_found": lambda who, two: user_cases.restore_found(who, user_cases.Filter(text="parastoo")),
}
HOME: dict[str, Callable[[Who, Two], Any]] = {  # of the installation: nobody of an account may
    "account.create": lambda who, two: account_cases.create(who, {"name": "mine"}),
    "account.credit": lambda who, two: money.credit(who, "other", 1_000, "please"),
    "account.speaker": lambda who, two: account_cases.speaker(who, "shop"),
    "line.create": lambda who, two: line_cases.create(
        who, "other", {"name": "1", "gateway": "sim", "kind": "ad", "price": 1, "cost": 1}
    ),
    "line.edit": lambda who, two: line_cases.edit(who, "7770001", {"price": 1}),
    "line.share": lambda who, two: line_shares.share(who, "7770001", "other"),
    "line.unshare": lambda who, two: line_shares.unshare(who, "7770001", "other"),
    "line.sharers": lambda who, two: line_shares.sharers(who, "7770001"),
    "session.accounts": lambda who, two: session_cases.accounts_to_see(who),
    "session.act_as": lambda who, two: session_cases.act_as(who, "shop"),
    "gateway.list": lambda who, two: gateway_cases.listed(who),
    "gateway.show": lambda who, two: gateway_cases.show(who, "sim"),
    "gateway.set": lambda who, two: gateway_cases.put(who, "mine", {"adapter": "simulator"}),
    "gateway.test_needs": lambda who, two: testing.needs(who, "sim", "09120000009"),
    "gateway.test_due": lambda who, two: testing.due(who),
    "gateway.test_begin": lambda who, two: testing.begin(who, "sim", 989_120_000_009),
    "gateway.test_end": lambda who, two: testing.end(
        who, proofs.Claim("sim", "G2", "f"), proofs.Result("proven")
    ),
    "gateway.standings": lambda who, two: standings.standings(who),
    "process.announce": lambda who, two: process_cases.announce(who, ("receiver",), "http://127.0.0.1:1"),
    "process.withdraw": lambda who, two: process_cases.withdraw(who, ("receiver",)),
    "home.release": lambda who, two: home_cases.release(who, "please"),
}
MINE = frozenset({"session.language", "session.act_as_self"})  # what a stranger does to himself is his own


def test_every_use_case_is_tried_by_a_stranger() -> None:
    for room in (data.use_cases, gateways.use_cases, targeting.orders):
        for module in pkgutil.iter_modules(room.__path__, room.__name__ + "."):
            importlib.import_module(module.name)
    listed = {name for name in floor.DONE if not name.startswith("test.")}
    assert listed == TRIED.keys() | HOME.keys()


@pytest.mark.parametrize("name", TRIED)
def test_a_stranger_reaches_nothing_of_the_other_account(two: Two, name: str) -> None:
    before = _things_of(two.desk.account_id)
    answer: Any = None
    with suppress(Refused):
        answer = TRIED[name](two.stranger, two)
    told = repr(answer)
    assert [mark for mark in MARKS if mark in told] == []
    assert _things_of(two.desk.account_id) == before


@pytest.mark.parametrize("name", HOME)
def test_the_owner_of_an_account_does_nothing_to_the_installation(two: Two, name: str) -> None:
    with pytest.raises(NotAllowed):
        HOME[name](two.stranger, two)


@pytest.mark.parametrize("name", sorted(TRIED.keys() - MINE))
def test_whose_session_ended_is_told_nothing(two: Two, name: str) -> None:
    with operations.writing() as c:
        c.execute(sa.text("UPDATE session SET revoked_at = created_at"))
    with pytest.raises(floor.SignedOut):
        TRIED[name](two.stranger, two)


def _things_of(account_id: int) -> dict[str, list[Any]]:
    """Every row that bears the account, and every person of it: nothing of them may change."""
    found = {}
    with operations.reading() as c:
        for table in metadata.sorted_tables:
            if "account_id" in table.c and table.name not in ("audit_log", "session"):
                query = sa.select(table).where(table.c.account_id == account_id)
                found[table.name] = sorted(map(repr, c.execute(query)))
    return found
