"""What a gateway does not bring is fetched: receipts of messages without a final state, what people wrote.

An answer goes into the spool as it came, before anybody has thought about it (some tell each message once),
and is read from there like whatever is pushed to us. Questions are few a pass, and rarer the longer a run is
over.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from data import clock
from data.facts import messages
from data.records import asking, lines, runs
from data.records.asking import Question, Round
from data.store import operations, spool
from flows.steps.toolbox import Toolbox
from gateways.gateway import Answer, Gateway

CALLS_MAX = 10  # a pass
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60))  # after the 1st, 2nd … round
LEASE = timedelta(minutes=10)
INBOUND_EVERY = timedelta(minutes=1)
_log = logging.getLogger("chapar.receipts")


@dataclass(slots=True)
class _Pass:
    """One pass: the open spool, how many calls are left, who did not answer in it."""

    calls: int
    mouth: spool.Spool = field(default_factory=spool.Spool)
    kept: int = 0
    silent: set[str] = field(default_factory=set)

    def may_ask(self, gateway: Gateway) -> bool:
        """Say whether the pass has a call left for a gateway that answers."""
        return self.calls > 0 and gateway.name not in self.silent

    def keep(self, gateway: Gateway, kind: spool.SpoolKind, answer: Answer) -> bool:
        """Put an answer on disk; say whether there was one. What broke off is kept too: it is told once."""
        self.calls -= 1
        if answer.body and answer.status == 200:
            self.mouth.append(gateway.name, kind, answer.content_type, answer.body).result()
            self.kept += 1
        answered = answer.kind == "answered" and answer.status == 200
        if not answered:
            self.silent.add(gateway.name)
            _log.warning("gateway %s was asked for %s: %s", gateway.name, kind, answer.why)
        return answered


def ask_due(box: Toolbox) -> int:
    """Ask whoever must be asked and is due; return how many answers lie in the spool, sealed."""
    wanted = [one for one in box.gateways.values() if one.asking.inbound or one.asking.receipts_at_once]
    if not wanted:
        return 0
    at_work = _Pass(CALLS_MAX)
    try:
        for gateway in wanted:
            if gateway.asking.inbound:
                _fetch_inbound(at_work, gateway)
            if gateway.asking.receipts_at_once:
                _ask_for_receipts(at_work, gateway)
    finally:
        at_work.mouth.close()
    return at_work.kept


def _fetch_inbound(at_work: _Pass, gateway: Gateway) -> None:
    with operations.reading() as c:
        names = lines.names_of_gateway(c, gateway.name)
    for name in names:
        asked = Question(gateway.name, "mo", name)
        if not at_work.may_ask(gateway) or _begun(asked) is None:
            continue
        at_work.keep(gateway, "mo", gateway.ask_inbound(name))
        _go_on(asked, Round(), at=clock.now() + INBOUND_EVERY)


def _ask_for_receipts(at_work: _Pass, gateway: Gateway) -> None:
    since = clock.now() - timedelta(seconds=gateway.asking.receipts_seconds)
    with operations.reading() as c:
        run_ids = runs.under_way_since(c, gateway.name, since)
    for run_id in run_ids:
        asked = Question(gateway.name, "dlr", str(run_id))
        if at_work.may_ask(gateway) and (come_to := _begun(asked)) is not None:
            _ask_about(at_work, gateway, asked, come_to, since=since)


def _ask_about(
    at_work: _Pass, gateway: Gateway, asked: Question, come_to: Round, *, since: datetime
) -> None:
    """Go on with the round of one run, as far as the pass allows."""
    most = gateway.asking.receipts_at_once
    with operations.reading() as c:
        found = messages.sources(c, [int(asked.subject)])
    silent = messages.without_final_state(
        found, sent_since=since, after=come_to.after, limit=most * at_work.calls, now=clock.now()
    )
    after, whole = come_to.after, silent.height < most * at_work.calls
    for some in silent.iter_slices(most):
        answer = gateway.ask_receipts(some["gid"]) if at_work.may_ask(gateway) else None
        if answer is None or not at_work.keep(gateway, "dlr", answer):
            whole = False
            break
        after = int(some["pos"][-1])
    if whole:
        pause = PAUSES[min(come_to.rounds, len(PAUSES) - 1)]
        _go_on(asked, Round(come_to.rounds + 1, 0), at=clock.now() + pause)
    else:
        _go_on(asked, Round(come_to.rounds, after), at=clock.now() + _patience(at_work, gateway))


def _patience(at_work: _Pass, gateway: Gateway) -> timedelta:
    return PAUSES[0] if gateway.name in at_work.silent else timedelta(0)


def _begun(asked: Question) -> Round | None:
    now = clock.now()
    with operations.writing() as c:
        return asking.begin(c, asked, now=now, until=now + LEASE)


def _go_on(asked: Question, come_to: Round, *, at: datetime) -> None:
    with operations.writing() as c:
        asking.go_on(c, asked, come_to, at=at)
