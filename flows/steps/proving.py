"""The self-test of a gateway: what its class promises is tried on a number of our own.

Only a clear contradiction takes a class away; an answer that did not come proves nothing, and what was known
before holds on. The messages are the gateway's to bill and no customer's: nothing is posted.
"""

from __future__ import annotations

import logging
import secrets
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

import polars as pl

from data import clock
from data.errors import Refused, Retryable
from data.records import lines, processes, proofs
from data.records.proofs import Result
from data.rules import msisdn, references
from data.settings import settings
from data.store import operations
from data.store.operations import Connection
from flows.steps.company import Company
from flows.steps.toolbox import reachable
from gateways import config
from gateways.gateway import Gateway, Outcome, Outgoing
from gateways.proofs import Standing, claim_of, standings
from gateways.settings import GatewaySettings

ACTOR = "housekeeping"
EVERY = timedelta(hours=20)  # less than a day, so that a nightly sweep never finds last night's too young
LOOK_UP_AFTER_SECONDS = (0.0, 1.0, 4.0)  # a look-up may need a moment to know what was just accepted
NO_SUCH_PAGE = frozenset({404, 405, 501})
TEXT = "آزمون درگاه چاپار · Chapar gateway test"  # one part
_log = logging.getLogger("chapar.gateways")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a test goes (msisdn with country code), from which line, and what references are signed with."""

    number: int
    line: str
    secret: bytes


def prove(gateway: Gateway, to: Target) -> Result:
    """Try what the gateway's class promises; never raises for what the other side does.

    G2: one reference sent twice is accepted twice under one id, and no look-up says otherwise. G1: a
    reference that was never sent is not known, and one that was sent is found under its id; it is sent once,
    because here a second call could deliver a second message.
    """
    trial = _Trial(gateway, to)
    try:
        if gateway.capabilities.gateway_class == "G2":
            why = _contradicts_repeating(trial)
        else:
            why = _contradicts_look_up(trial)
    except _UndecidedError as silence:
        return Result(None, heard=str(silence), ids=tuple(dict.fromkeys(trial.ids)))
    return Result("failed" if why else "proven", why, ids=tuple(dict.fromkeys(trial.ids)))


def prove_now(name: str, *, to: str | None = None, actor: str) -> tuple[Standing, Result | None]:
    """Test a gateway now and store what came of it; None for a gateway that claims nothing.

    `to` is any writing of a mobile number; without it the gateway's own test number is used. A simulator that
    does not run is started for as long as it takes. Raises Refused without gateway or number.
    """
    with operations.reading() as c:
        found = config.load_settings(c)
        if name not in found:
            raise Refused("name", f"there is no gateway {name!r}; see: chapar gateway list", "این درگاه نیست")
        standing = standings(c, found)[name]
        resting = _rests(c, name, found[name])
    if standing.state == "nothing":
        return standing, None
    number = found[name].test_msisdn() if to is None else _number(to)
    if number is None:
        raise Refused(
            "to", "give a mobile number of your own, or set the gateway's test_number",
            "شماره همراهی از خودتان بدهید یا test_number درگاه را بگذارید",
        )  # fmt: skip
    with Company() if resting else nullcontext():
        result = _made(name, number, actor=actor)
    if result is None:
        raise Retryable(
            "another test of this gateway has just begun", "آزمون دیگری از این درگاه آغاز شده است"
        )
    with operations.reading() as c:
        return standings(c, config.load_settings(c))[name], result


def prove_due() -> int:
    """Test every gateway with a test number that was not tested for a while; return how many were."""
    with operations.reading() as c:
        found = config.load_settings(c)
        ready = {
            name: number
            for name, given in found.items()
            if given.gateway_class != "G0" and (number := given.test_msisdn()) and not _rests(c, name, given)
        }
    return sum(_made(name, number, actor=ACTOR, due=True) is not None for name, number in ready.items())


def _made(name: str, number: int, *, actor: str, due: bool = False) -> Result | None:
    """Make one test and store it; None when it is not `due` any more."""
    since = clock.now() - EVERY if due else None
    with operations.writing() as c:
        found = config.load_settings(c)
        claim = claim_of(c, name, found[name])
        if not proofs.begin(c, claim, now=clock.now(), unless_since=since):
            return None
        line = found[name].test_line or lines.first_of(c, name) or ""
        target, given = Target(number, line, processes.secret(c)), reachable(c, found)[name]
    result = prove(config.make(name, given), target)  # as it is declared, whatever it is run as now
    with operations.writing() as c:
        proofs.finish(c, claim, result, actor=actor, now=clock.now())
    if result.verdict != "proven":
        _log.warning("self-test of gateway %s: %s", name, result.why or result.heard)
    return result


def _rests(c: Connection, name: str, given: GatewaySettings) -> bool:
    """Say whether it is a simulator that nobody has started."""
    return given.adapter == "simulator" and not reachable(c, {name: given})[name].base


def _number(text: str) -> int:
    try:
        return msisdn.parse(text, settings().region)
    except msisdn.NumberRefused as error:
        raise Refused("to", f"{error.en}; give a mobile number of your own", error.fa) from None


class _UndecidedError(Exception):
    """An answer that proves nothing: it did not come, or says that this is not the time."""


@dataclass(slots=True)
class _Trial:
    """One test under way, and the gateway's ids of what it accepted."""

    gateway: Gateway
    to: Target
    ids: list[str] = field(default_factory=list)

    def message(self) -> Outgoing:
        """Return one message under a reference that was never used; its place is as unique."""
        place = secrets.randbelow(references.POS_LIMIT - 1) + 1
        row = {"pos": [place], "msisdn": [self.to.number], "text": [TEXT], "parts": [1]}
        kinds = {"pos": pl.UInt32(), "msisdn": pl.UInt64(), "text": pl.String(), "parts": pl.UInt16()}
        ref = references.batch_ref(self.to.secret, references.TEST_RUN_ID, place)
        return Outgoing(ref, references.TEST_RUN_ID, self.to.line, pl.DataFrame(row, schema=kinds))

    def send(self, outgoing: Outgoing) -> Outcome:
        """Make one attempt; an adapter that fails proves nothing."""
        deadline_at = clock.monotonic() + self.gateway.capabilities.deadline_seconds
        try:
            answer = self.gateway.submit(outgoing, deadline_at=deadline_at)
            (outcome,) = self.gateway.judge([(outgoing, answer)])
        except Exception as error:  # an adapter never raises; if one does, nobody knows how far its call got
            raise _UndecidedError(f"the adapter failed: {type(error).__name__}") from error
        return outcome

    def accepted(self, outcome: Outcome) -> str:
        """Return the id under which the message was accepted."""
        gid = _id_of(outcome)
        if gid is None:
            raise _UndecidedError(outcome.why)
        self.ids.append(gid)
        return gid

    def look_up(self, outgoing: Outgoing) -> Outcome | None:
        """Ask once; None = this gateway cannot be asked."""
        try:
            return self.gateway.look_up(outgoing)
        except Exception as error:
            raise _UndecidedError(f"the adapter failed: {type(error).__name__}") from error

    def found(self, outgoing: Outgoing) -> Outcome | None:
        """Ask until it is known or patience ends."""
        outcome = None
        for wait in LOOK_UP_AFTER_SECONDS:
            clock.sleep(wait)
            outcome = self.look_up(outgoing)
            if outcome is None or _id_of(outcome) is not None:
                break
        return outcome


def _contradicts_repeating(trial: _Trial) -> str | None:
    """G2: return why its promise does not hold (gateways.proofs.WHY), or None when it does."""
    outgoing = trial.message()
    first = trial.accepted(trial.send(outgoing))
    second = trial.send(outgoing)
    if second.kind == "rej":
        return "second_refused"
    if trial.accepted(second) != first:
        return "second_id"
    # A G2 gateway that cannot be asked is trusted all the same: nothing is sent again for what it says there.
    found = trial.found(outgoing)
    return _contradiction(found, first) if found else None


def _contradicts_look_up(trial: _Trial) -> str | None:
    """G1: return why its promise does not hold, or None when it does; what costs nothing is tried first."""
    stranger = trial.look_up(trial.message())
    if stranger is None or stranger.http_status in NO_SUCH_PAGE:
        return "no_look_up"
    if stranger.kind == "ok":
        return "knows_strangers"
    if not _is_not_found(stranger):
        raise _UndecidedError(stranger.why)
    outgoing = trial.message()
    first = trial.accepted(trial.send(outgoing))
    found = trial.found(outgoing)
    why = _contradiction(found, first) if found else "no_look_up"
    if why is None and found and _id_of(found) is None:
        raise _UndecidedError(found.why)
    return why


def _contradiction(found: Outcome, accepted_as: str) -> str | None:
    if _is_not_found(found):
        return "not_found"
    gid = _id_of(found)
    return "other_id" if gid is not None and gid != accepted_as else None


def _is_not_found(outcome: Outcome) -> bool:
    return outcome.kind == "rej" and outcome.code == "not_found"


def _id_of(outcome: Outcome) -> str | None:
    """Return the id of the one message of an outcome that accepts it, else None."""
    if outcome.kind != "ok" or outcome.results is None:
        return None
    return str(outcome.results.item(0, "gid"))
