"""What may be done with a campaign as it stands: one rule for buttons, commands and their refusals.

A campaign is one order; its runs are occurrences. A verb speaks of the order and of every run of it that is
open, so that nothing of yesterday goes on sending when today's is stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Verb = Literal["pause", "resume", "stop"]

OVER: Final = frozenset({"ended", "stopped", "rejected"})
LIVE: Final = frozenset({"scheduled", "active"})  # occurrences of it begin by themselves
STOPPABLE_RUNS: Final = frozenset({"approved", "planning", "running", "paused"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A campaign's state, whether another occurrence of it is to come, and the state of each run of it that
    was not told to stop.
    """

    state: str
    is_due: bool
    runs: Sequence[str]


def verbs_of(found: Standing) -> tuple[Verb, ...]:
    """Return what may be done now, in the order in which it is offered."""
    return tuple(verb for verb, allowed in _ALLOWED.items() if allowed(found))


def _may_pause(found: Standing) -> bool:
    return "running" in found.runs or (found.state in LIVE and found.is_due)


def _may_resume(found: Standing) -> bool:
    return found.state == "paused" or "paused" in found.runs


def _may_stop(found: Standing) -> bool:
    return found.state not in OVER or any(run in STOPPABLE_RUNS for run in found.runs)


_ALLOWED: Final[dict[Verb, Callable[[Standing], bool]]] = {
    "pause": _may_pause,
    "resume": _may_resume,
    "stop": _may_stop,
}
