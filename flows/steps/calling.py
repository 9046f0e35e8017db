"""One attempt at a batch: the deadline checked right before the first byte, the gateway called once
(2.11).
"""

from __future__ import annotations

from data import clock
from flows.steps.claiming import Claimed
from flows.steps.outcomes import plain_results
from flows.steps.settling import Answer
from gateways.gateway import Gateway, Outcome


def call(claimed: Claimed, gateway: Gateway) -> Answer:
    """Call the gateway, outside any transaction; a claim that grew old before it was used is not sent."""
    deadline_at = claimed.committed_at + gateway.capabilities.deadline_seconds
    if claimed.rows.is_empty():
        nobody = plain_results(claimed.rows["pos"], state="submitted")
        return Answer(claimed, Outcome("ok", "everybody opted out meanwhile", results=nobody))
    if clock.monotonic() >= deadline_at:
        return Answer(claimed, Outcome("notsent", "the claim was too old before the first byte"))
    try:
        outcome = gateway.submit(claimed.outgoing(), deadline_at=deadline_at)
    except Exception as error:  # an adapter never raises; if one does, nobody knows how far its call got
        outcome = Outcome("amb", f"the adapter failed: {type(error).__name__}")
    return Answer(claimed, outcome)
