"""One attempt at each batch of a group: called in threads, judged together (protocol.md 2.11).

The threads do nothing but the wire. Building and reading columns batch by batch in many threads cost more
than the calls themselves, so what the answers prove is worked out for a whole group at once.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from data import clock
from flows.steps.claiming import Claimed
from flows.steps.outcomes import plain_results
from flows.steps.settling import Answer
from gateways import gateway as wire
from gateways.gateway import Gateway, Outcome, Outgoing

_log = logging.getLogger("chapar.dispatch")


@dataclass(frozen=True, slots=True)
class Called:
    """A batch whose call has ended: what was sent, and the wire's answer or what is certain without one."""

    claimed: Claimed
    gateway: Gateway
    outgoing: Outgoing
    said: wire.Answer | Outcome


def call(claimed: Claimed, gateway: Gateway) -> Called:
    """Call the gateway, outside any transaction; a claim that grew old before it was used is not sent."""
    outgoing = claimed.outgoing()
    deadline_at = claimed.began_at + gateway.capabilities.deadline_seconds
    if claimed.rows.is_empty():
        nobody = plain_results(claimed.rows["pos"], state="submitted")
        return Called(
            claimed, gateway, outgoing, Outcome("ok", "everybody opted out meanwhile", results=nobody)
        )
    if clock.monotonic() >= deadline_at:
        too_old = Outcome("notsent", "the claim was too old before the first byte")
        return Called(claimed, gateway, outgoing, too_old)
    try:
        return Called(claimed, gateway, outgoing, gateway.submit(outgoing, deadline_at=deadline_at))
    except Exception as error:  # an adapter never raises; if one does, nobody knows how far its call got
        return Called(claimed, gateway, outgoing, _failed(error))


def judge(called: Sequence[Called]) -> list[Answer]:
    """Say what became of each attempt; the answers of one gateway are read together."""
    outcomes = {place: one.said for place, one in enumerate(called) if isinstance(one.said, Outcome)}
    heard: dict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(called):
        if place not in outcomes:
            heard[id(one.gateway)].append(place)
    for places in heard.values():
        outcomes.update(zip(places, _judged([called[place] for place in places]), strict=True))
    return [Answer(one.claimed, outcomes[place]) for place, one in enumerate(called)]


def _judged(called: list[Called]) -> list[Outcome]:
    """An answer that an adapter cannot read proves nothing, and does not take the others with it."""
    gateway = called[0].gateway
    pairs = [(one.outgoing, one.said) for one in called if isinstance(one.said, wire.Answer)]
    try:
        return gateway.judge(pairs)
    except Exception as error:
        if len(called) == 1:
            return [_failed(error)]
        return [outcome for one in called for outcome in _judged([one])]


def _failed(error: Exception) -> Outcome:
    _log.warning("an adapter failed: %s", type(error).__name__)
    return Outcome("amb", f"the adapter failed: {type(error).__name__}")
