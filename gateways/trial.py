"""The self-test of a gateway: what its class promises is tried on a number of our own.

Only a clear contradiction takes a class away; an answer that did not come proves nothing, and what was known
before holds on.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import polars as pl

from data import clock
from data.records.proofs import Result
from data.rules import references
from gateways.gateway import Gateway, Outcome, Outgoing

LOOK_UP_AFTER_SECONDS = (0.0, 1.0, 4.0)  # a look-up may need a moment to know what was just accepted
NO_SUCH_PAGE = frozenset({404, 405, 501})
TEXT = "آزمون درگاه چاپار · Chapar gateway test"  # one part


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
