"""Who asks for an audience and when, and what they get: counts with their waterfall,
the ordered set itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from targeting.criterion import Notice

if TYPE_CHECKING:
    import polars as pl

NO_SALT = bytes(16)


@dataclass(frozen=True, slots=True)
class History:
    """What an account sent before that bears on an audience; `targeting.history` reads it."""

    series: pl.DataFrame | None = None  # msisdn: had a message of the named series, whatever the audience
    round: pl.DataFrame | None = None  # msisdn: had one in the open round of this audience; None: no round
    reached: int | None = None  # order key of the last person looked at; None: none was remembered
    row: int = 1  # where the next slice begins if no order key was remembered
    own: bool = False  # some of it went to own numbers, so that it tells who stands on a list
    own_rows: int = 0  # how many own numbers it went to
    seen: int = 0  # the newest slice that was read; the plan looks in its transaction whether that holds


def no_history(_audience_hash: str) -> History:
    """Return the history of somebody who never sent."""
    return History()


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom and on which day a set is chosen."""

    account_id: int | None  # None: the operator of this installation
    today: date  # civil day of the run; ages are counted on it
    advertising: bool = True  # also leaves out those who opted out at their operator
    way_out: bool = False  # the line ends every text with the way out of adverts
    suppressed: pl.DataFrame | None = None  # msisdn: must not be written to
    chosen: int | None = None  # how many of them the account entered itself, not they; None: all
    history: Callable[[str], History] = no_history  # by the key of the audience, once it was understood
    salt: bytes = field(default=NO_SALT, repr=False)  # the home's order, 16 bytes; NO_SALT: the snapshot's
    as_operator: bool = False  # the small-cell rule does not bind although an account is named


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the waterfall: so many were removed, so many are left."""

    step: str
    removed: int
    left: int

    def to_json(self) -> dict[str, Any]:
        """Return the step as a JSON object."""
        return {"step": self.step, "removed": self.removed, "left": self.left}


@dataclass(frozen=True, slots=True)
class Count:
    """An exact count: `matched` distinct people before suppression, `selected` after everything."""

    snapshot: str | None  # None: chosen without a population
    audience_hash: str  # what was asked, however it was written; without row, count, series
    matched: int
    selected: int
    by_operator: dict[str, int]  # sums to matched
    selected_by_operator: dict[str, int]  # sums to selected
    waterfall: tuple[Step, ...]
    milliseconds: float
    bank: bool  # some criterion selects rented numbers
    rented: int  # matched people that are there only because of the bank
    towered: int | None  # selected people whom towers in a shape bring; None: no such leaf adds people
    next_row: int  # the place after the last person looked at
    proposed_row: int | None  # where the next slice of this audience begins; None: asked for no account
    notices: tuple[Notice, ...] = ()
    behind: int = 0  # rented people behind the slice who could be written to
    sure: int | None = None  # people who are left whoever is on the account's lists; None: was not asked
    along: int = 0  # people selected beyond `count`, who would have been too few to be left behind
    at_most: bool = False  # bounds: what the account's own numbers, lists and history take away is not told

    def __post_init__(self) -> None:
        """Hold what the figures promise each other."""
        assert sum(self.by_operator.values()) == self.matched
        assert sum(self.selected_by_operator.values()) == self.selected
        assert all(
            a.left - b.removed == b.left for a, b in zip(self.waterfall, self.waterfall[1:], strict=False)
        )
        assert self.waterfall[-1].left == self.selected

    def to_json(self) -> dict[str, Any]:
        """Return the count as cli.md has it."""
        return {
            "snapshot": self.snapshot,
            "matched": self.matched,
            "selected": self.selected,
            "by_operator": self.by_operator,
            "selected_by_operator": self.selected_by_operator,
            "waterfall": [step.to_json() for step in self.waterfall],
            "next_row": self.next_row,
            **({} if self.proposed_row is None else {"proposed_row": self.proposed_row}),
            "milliseconds": self.milliseconds,
            "notices": [notice.to_json() for notice in self.notices],
        }


@dataclass(frozen=True, slots=True)
class Mark:
    """What is remembered of a set once it is sent."""

    begins: bool  # a round of its audience
    last_key: int | None  # order key of the last person looked at; None: there was nobody
    repeated: int  # people who had it in this round and get it again, because that was asked for
    seen: int  # the newest slice of the history that the set was chosen by


@dataclass(frozen=True, slots=True)
class Built:
    """`frame`: msisdn UInt64 (unique), operator String, bank Boolean, order_key UInt64, then merge fields,
    in order.
    """

    frame: pl.DataFrame
    count: Count
    mark: Mark
