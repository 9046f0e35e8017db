"""T1: the batch machine holds on every path; the ways to break it are caught by the same explorer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from batch_explorer import explore
from batch_model import Protocol

from data.rules import machine

GOOD = Protocol()


@pytest.mark.parametrize("gateway_class", ["G0", "G1", "G2"])
def test_no_path_of_a_batch_breaks_a_promise(gateway_class: str) -> None:
    worlds, breach = explore(gateway_class, GOOD)
    assert breach == ""
    assert worlds > 100, "it has been through something"


@pytest.mark.parametrize("gateway_class", ["G0", "G1", "G2"])
def test_no_path_breaks_one_where_the_gateways_address_is_changed_meanwhile(gateway_class: str) -> None:
    worlds, breach = explore(gateway_class, Protocol(moves=True, crashes_max=0))
    assert breach == ""
    assert worlds > 100


def settled_without_doubt(**facts: Any) -> str:
    """A rejection is believed whatever was lost before."""
    return "fail" if facts["mine"] and facts["kind"] == "rej" else machine.settle(**facts)


def lost_is_failed(**facts: Any) -> str:
    """A time-out is taken for a no."""
    return "fail" if facts["mine"] and facts["kind"] == "amb" else machine.settle(**facts)


def lost_is_not_sent(**facts: Any) -> str:
    """A time-out is tried again."""
    return "ready" if facts["mine"] and facts["kind"] == "amb" else machine.settle(**facts)


def always_resend(batch: machine.Unknown) -> str:
    return "resend"


def hasty(batch: machine.Unknown, *, found: bool | None, policy: str) -> str:
    """Not found is believed while something may still arrive."""
    return "believe" if found else "resend"


def forgetful(batch: machine.Unknown, *, found: bool | None, policy: str) -> str:
    """Past the window of an idempotent gateway its "not found" is taken for proof."""
    return machine.after_look_up(replace(batch, gateway_class="G1"), found=found, policy=policy)


def gives_up(batch: machine.Unknown, *, found: bool | None, policy: str) -> str:
    """Not found means failed, quiet or not."""
    return "believe" if found else "fail"


@pytest.mark.parametrize(
    ("name", "broken", "classes"),
    [
        (
            "the lease puts a batch back in the queue",
            Protocol(lost_owner_to="ready", window_at_claim=False),
            "G0 G1",
        ),
        ("the lease fails a batch", Protocol(lost_owner_to="failed"), "G0 G1 G2"),
        ("a time-out is a failure", Protocol(settle=lost_is_failed), "G0 G1 G2"),
        ("a time-out is tried again", Protocol(settle=lost_is_not_sent, window_at_claim=False), "G0 G1 G2"),
        ("blind resend", Protocol(resolve=always_resend, window_at_claim=False), "G0 G1"),
        ("a rejection is final whatever was lost", Protocol(settle=settled_without_doubt), "G2"),
        ("not found is believed at once", Protocol(after_look_up=hasty), "G1"),
        ("not found at once is failure", Protocol(after_look_up=gives_up), "G1 G2"),
        ("not found past the window is proof", Protocol(after_look_up=forgetful), "G2"),
        ("a refused batch counts as sent because it is found", Protocol(refusal_is="ok"), "G1 G2"),
        ("an answer is believed whoever brings it", Protocol(token=False), "G0 G1 G2"),
        ("a late owner speaks for every attempt", Protocol(sole_of_all=False), "G2"),
        ("attempts belong to a name", Protocol(moves=True, crashes_max=0, fingerprint=False), "G1 G2"),
        ("a frozen owner is not waited for", Protocol(fence=False), "G1"),
        ("an old proof counts for a new attempt", Protocol(moves_seen=False), "G1"),
        ("a resend waits past the window", Protocol(window_at_claim=False), "G2"),
        ("stopping gives back what may have left", Protocol(stop_spares_doubt=False), "G2"),
    ],
    ids=lambda value: value.replace(" ", "_") if isinstance(value, str) else "",
)
def test_the_explorer_catches_a_broken_protocol(name: str, broken: Protocol, classes: str) -> None:
    for gateway_class in classes.split():
        _, breach = explore(gateway_class, broken)
        assert breach, f"{name} goes unnoticed on {gateway_class}"
