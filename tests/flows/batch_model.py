"""An explorer of all that can happen to one batch: two dispatchers, crashes, a network that loses and delays.

The model plays the steps' part in a few lines (what is written, who holds the token, where the money lies);
every decision is asked of data/rules/machine.py. Called by test_machine_model.py.

Time is three flags: `quiet` (nothing of a finished call can arrive since the last claim), `late` (the gateway
has forgotten the reference), `over` (the horizon). A frozen owner's call may leave any time before `late`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from data.rules import machine

CRASHES_MAX, CALLS_MAX, LOOKS_MAX, NOW = 2, 3, 2, datetime(2026, 11, 22, tzinfo=UTC)
FINAL = ("done", "failed", "cancelled", "written_off")
ENDS = {"accept": "done", "fail": "failed"}
POT = {
    "ready": "held",
    "sending": "held",
    "unknown": "unknown",
    "done": "captured",
    "failed": "released",
    "cancelled": "released",
    "written_off": "released",
}


class Call(NamedTuple):
    """One attempt: on its way until it arrives or dies; then an answer comes back, or does not."""

    owner: int
    holds: bool = True  # the batch is sending under its token
    flying: bool = True
    answer: str = ""  # ok rej notsent
    open: bool = True  # its owner still waits for the answer
    at: int = 1  # the gateway it was made at: 1, or 2 after its address was changed
    sole: bool = True  # no other attempt's answer was missing when it was made, and none was made since


class World(NamedTuple):
    """The batch's row, its money, the gateway, the network, the dispatchers."""

    state: str = "ready"
    amb: bool = False
    owner: int = -1
    tries: int = 0
    pot: str = "held"
    bad: str = ""
    captures: int = 0
    copies: int = 0
    heard_of: bool = False  # a receipt came
    took: int = 0  # which gateways accepted it (1 | 2): each knows only of itself
    refused: int = 0  # which gateways keep in mind that they refused every message
    now_at: int = 1  # the gateway that is configured
    tried_at: int = 1  # the gateway of its attempts
    made: int = 0  # calls so far
    calls: tuple[Call, ...] = ()  # those that still matter
    looks: tuple[
        tuple[bool, str], ...
    ] = ()  # verdicts of look-ups not carried out yet; False: the batch moved since
    crashes: int = 0
    stopped: bool = False
    quiet: bool = False
    late: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class Protocol:
    """Where the steps ask the machine, and what else they rely on; a broken variant changes one of these."""

    settle: Callable[..., str] = machine.settle
    resolve: Callable[..., str] = machine.resolve
    after_look_up: Callable[..., str] = machine.after_look_up
    refusal_is: str = "rej"  # what a look-up that names every message as refused is settled as
    lost_owner_to: str = "unknown"
    moves: bool = False  # the gateway's address may be changed once
    crashes_max: int = CRASHES_MAX
    fingerprint: bool = True  # attempts belong to the gateway they were made at
    token: bool = True
    fence: bool = True
    moves_seen: bool = True  # a verdict counts only for what was looked at
    window_at_claim: bool = True
    sole_of_all: bool = True  # a late owner's word ends the doubt only where no other attempt is in doubt
    stop_spares_doubt: bool = True  # T11: a batch with a lost answer is not given back


Tuple = TypeVar("Tuple", Call, World)


def replace(one: Tuple, **changed: Any) -> Tuple:
    """A named tuple with other values: a tenth of the time that dataclasses take."""
    return one._replace(**changed)


def plain(w: World) -> World:
    """Make worlds equal that differ only in what can no longer matter."""
    sending = w.state == "sending"
    calls = sorted(
        Call(c.owner, c.holds and sending, c.flying, c.answer, True, c.at, c.sole)
        if c.open
        else Call(2, c.holds and sending, True, "", False, c.at, False)
        for c in w.calls
        if c.open or c.flying
    )
    return replace(w, calls=tuple(calls), looks=tuple(sorted(w.looks)), tries=min(w.tries, CALLS_MAX))


def following(w: World, kind: str, how: Protocol) -> Iterator[World]:
    """Return every world that may come next."""
    yield from _network(w, kind)
    yield from _time(w)
    yield from _answers(w, how)
    yield from _crash(w, how)
    if how.moves and w.now_at == 1 and w.made:
        yield replace(w, now_at=2)
    if w.state == "ready" and not w.stopped:
        yield from _claim(w, kind, how)
    if w.state == "sending":  # T6: the lease is over or the owner gone
        yield _to(w, how.lost_owner_to, lost=True, keep_owner=True)
    if w.state == "unknown":
        yield from _resolve(w, kind, how)
    yield from _verdicts(w, how)
    yield from _person(w, how)


def _network(w: World, kind: str) -> Iterator[World]:
    for i, call in enumerate(w.calls):
        if call.flying:
            repeated = kind == "G2" and w.took & call.at and not w.late
            arrived = replace(w, copies=w.copies + (not repeated), took=w.took | call.at)
            if not (kind == "G2" and w.refused & call.at and not w.late):
                yield _with(arrived, i, replace(call, flying=False, answer="ok"))
            if not w.took & call.at:
                refused = replace(w, refused=w.refused | call.at)
                yield _with(refused, i, replace(call, flying=False, answer="rej"))
            yield _with(w, i, replace(call, flying=False, answer="rej"))
            yield _with(w, i, replace(call, flying=False, answer="notsent"))
            yield _with(w, i, replace(call, flying=False))
        elif call.answer and call.open:
            yield _with(w, i, replace(call, answer=""))
    if w.copies and not w.heard_of:
        yield replace(w, heard_of=True)


def _time(w: World) -> Iterator[World]:
    """Quiet ends what was finished; a frozen owner's call ends with the window (assumption A)."""
    if not w.quiet:
        calls = tuple(replace(c, flying=c.flying and c.open) for c in w.calls)
        yield replace(w, quiet=True, calls=calls)
    elif not w.late:
        yield replace(w, late=True, calls=tuple(replace(c, flying=False) for c in w.calls))
    elif not w.over and w.state != "sending":
        yield replace(w, over=True)


def _answers(w: World, how: Protocol) -> Iterator[World]:
    """T2-T5: an owner hears an answer, or gives up waiting."""
    for i, call in enumerate(w.calls):
        if call.open:
            kind = call.answer or "amb"
            mine = w.state == "sending" and call.holds if how.token else w.state not in FINAL
            sole = call.sole or not how.sole_of_all
            move = how.settle(state=w.state, mine=mine, amb=w.amb, kind=kind, sole=sole)
            heard = _with(w, i, replace(call, open=False))
            if move == "unknown" and kind == "amb":
                heard = replace(
                    heard, quiet=False
                )  # a frozen owner came back: its call needs its own quiet time
            to = {**ENDS, "ready": "ready", "unknown": "unknown"}.get(move)
            if to == "ready" and w.state == "unknown":
                yield _work_again(heard, proof=True)
            else:
                yield _to(heard, to, lost=kind == "amb") if to else heard


def _to(w: World, state: str, *, lost: bool = False, keep_owner: bool = False) -> World:
    """Write a new state with its postings: they leave the pot that belongs to the old one."""
    to = POT[state]
    bad = "posted from an empty pot" if w.pot != POT[w.state] else ""
    new = replace(w, state=state, pot=to, bad=bad, captures=w.captures + (to == "captured"))
    if state == "unknown":
        bad = bad or ("moved aside twice" if w.state == "unknown" else "")
        new = replace(new, amb=True, tries=w.tries + lost, looks=_stale(w), bad=bad)
    if state == "ready" and w.state == "unknown":
        new = replace(new, bad=bad or "back to work without a posting")
    return new if keep_owner else replace(new, owner=-1)


def _claim(w: World, kind: str, how: Protocol) -> Iterator[World]:
    if w.made == CALLS_MAX:
        return
    if w.amb and how.window_at_claim and (_class(w, kind, how) != "G2" or w.late):
        return
    late, over = (w.late, w.over) if w.amb else (False, False)  # what was never sent has no first time yet
    for who in (0, 1) if any(c.open for c in w.calls) else (0,):
        yield replace(
            w,
            state="sending",
            owner=who,
            quiet=False,
            late=late,
            over=over,
            tried_at=w.now_at,
            made=w.made + 1,
            calls=(*(replace(c, sole=False) for c in w.calls), Call(who, at=w.now_at, sole=not w.amb)),
        )


def _crash(w: World, how: Protocol) -> Iterator[World]:
    """The process is gone and another takes its place; what it had written is still on its way."""
    if w.crashes < how.crashes_max:
        for who in (0, 1):
            if any(c.open and c.owner == who for c in w.calls):
                calls = tuple(
                    replace(c, open=False, flying=c.flying and not w.quiet) if c.owner == who else c
                    for c in w.calls
                )
                owner = -1 if w.owner == who else w.owner
                yield replace(w, calls=calls, crashes=w.crashes + 1, owner=owner)


def _resolve(w: World, kind: str, how: Protocol) -> Iterator[World]:
    """T7-T10; the look-up and what follows from it are two moments, so that others may come between."""
    facts = _facts(w, kind, how)
    todo = how.resolve(facts)
    if todo == "resend" and w.stopped:
        todo = "look_up"
    if todo == "write_off":
        yield _to(w, "done" if w.heard_of else "written_off")
    elif todo == "resend":
        yield _work_again(w, proof=False)
    elif todo == "look_up":
        found = bool((w.took | w.refused) & w.now_at) and not (kind == "G2" and w.late)
        then = how.after_look_up(facts, found=found, policy="no_duplicate")
        if then == "believe":
            said = "ok" if w.took & w.now_at else how.refusal_is
            move = how.settle(state=w.state, mine=True, amb=False, kind=said)
            yield _to(w, ENDS[move]) if move in ENDS else w
        elif then in ("resend", "fail") and len(w.looks) < LOOKS_MAX:
            yield replace(w, looks=(*w.looks, (True, then)))


def _verdicts(w: World, how: Protocol) -> Iterator[World]:
    for i, (fresh, verdict) in enumerate(w.looks):
        rest = replace(w, looks=(*w.looks[:i], *w.looks[i + 1 :]))
        if w.state != "unknown" or (how.moves_seen and not fresh):
            yield rest
        elif verdict == "resend" and not w.stopped:
            yield _work_again(rest, proof=True)
        else:
            yield _to(rest, "failed")


def _work_again(w: World, *, proof: bool) -> World:
    return replace(w, state="ready", pot="held", owner=-1, looks=_stale(w), amb=w.amb and not proof)


def _stale(w: World) -> tuple[tuple[bool, str], ...]:
    return tuple((False, verdict) for _, verdict in w.looks)


def _person(w: World, how: Protocol) -> Iterator[World]:
    """T11."""
    if not w.stopped:
        yield replace(w, stopped=True)
    elif w.state == "ready":
        yield _to(w, "cancelled" if not w.amb or not how.stop_spares_doubt else "unknown")


def _class(w: World, kind: str, how: Protocol) -> str:
    same = w.tried_at == w.now_at or not how.fingerprint
    return machine.class_of(frozen=kind, now=kind, same_gateway=same)


def _facts(w: World, kind: str, how: Protocol) -> machine.Unknown:
    passed = timedelta(hours=49 if w.over else 7 if w.late else 1 if w.quiet else 0)
    return machine.Unknown(
        gateway_class=_class(w, kind, how),
        now=NOW + passed,
        first_sent_at=NOW,
        quiet_at=NOW + timedelta(minutes=15),
        horizon_at=NOW + timedelta(hours=48),
        window=timedelta(hours=6),
        margin=timedelta(minutes=1),
        tries=w.tries,
        tries_max=CALLS_MAX,
        fenced=w.owner == -1 or not how.fence,
    )


def _with(w: World, place: int, call: Call) -> World:
    return replace(w, calls=(*w.calls[:place], call, *w.calls[place + 1 :]))
