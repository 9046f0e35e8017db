"""People last seen at given cell towers; a tower is named `radio-mcc-net-area-cell` (decisions 27)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from data.errors import Refused
from data.rules.persian import digits
from targeting.criterion import Condition, need, one_of

if TYPE_CHECKING:
    from data.store.population import Population
    from targeting.places import Places

_NAME = re.compile(r"[A-Z0-9]+(-\d+){4}")


@dataclass(frozen=True, slots=True)
class Towers:
    """One or more towers by name."""

    kind: ClassVar[str] = "towers"
    own: ClassVar[bool] = False

    towers: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what is no tower's name."""
        for place, name in enumerate(self._names):
            need(_NAME.fullmatch(name) is not None, f"towers.{place}", lambda: (
                "name a tower as radio-mcc-net-area-cell, for example GSM-432-11-1021-15342",
                "دکل را به شکل radio-mcc-net-area-cell بنویسید، مانند GSM-432-11-1021-15342",
            ))  # fmt: skip

    def check(self, places: Places) -> None:
        """Towers are looked up when the condition is made: there may be millions."""

    def condition(self, population: Population, today: date) -> Condition:  # noqa: ARG002
        """Return who was last seen there; raise Refused for a tower that the snapshot does not have."""
        wanted = sorted(set(self._names))
        marks = ", ".join("?" * len(wanted))
        rows = (
            population.con.cursor()
            .execute(f"SELECT name, id FROM towers WHERE name IN ({marks})", wanted)
            .fetchall()
        )
        unknown = [name for name in wanted if name not in {name for name, _ in rows}]
        if unknown:
            shown = ", ".join(unknown[:5])
            raise Refused(
                "towers", f"{len(unknown)} towers are not in this population: {shown}; take its own names",
                f"{len(unknown)} دکل در این جمعیت نیست: {shown}؛ نام‌ها را از جدول دکل‌های آن بردارید",
            )  # fmt: skip
        return one_of("tower", [tower for _, tower in rows])

    @property
    def _names(self) -> list[str]:
        return [digits(name).upper() for name in self.towers]
