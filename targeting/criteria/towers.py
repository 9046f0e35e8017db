"""People last seen at given cell towers; a tower is named `radio-mcc-net-area-cell`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from data.errors import Refused
from data.rules.persian import fold, listed
from targeting.criterion import Condition, Ground, Rented, need, one_of

if TYPE_CHECKING:
    from data.store.population import Population

_NAME = re.compile(r"[A-Z0-9]+(-[0-9]+){4}")
_DASH = re.compile("[\\s_‐-―−]+")  # what a name that was copied from a text has between its figures
UNKNOWN_SHOWN = 5


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

    def understood(self, ground: Ground) -> Rented:
        """Return who was last seen there. Towers are looked up when people are: there may be millions."""
        ground.places.holds.refuse_lacking("tower", "towers")
        names = sorted(set(self._names))
        return Rented(self.kind, {"towers": names}, lambda population, _: _seen_at(names, population))

    @property
    def _names(self) -> list[str]:
        return [_DASH.sub("-", fold(name)).upper() for name in self.towers]


def _seen_at(names: list[str], population: Population) -> Condition:
    """Return who was last seen there; raise Refused for a tower that the snapshot does not have."""
    con, marks = population.con.cursor(), ", ".join("?" * len(names))
    found = dict(con.execute(f"SELECT name, id FROM towers WHERE name IN ({marks})", names).fetchall())
    unknown = [name for name in names if name not in found]
    if unknown:
        shown, near = unknown[:UNKNOWN_SHOWN], _nearest(unknown[0], population)
        raise Refused(
            "towers",
            f"{len(unknown)} towers are not in this population: {', '.join(shown)}; "
            f"nearest are {', '.join(near) or 'none'}",
            f"{len(unknown)} دکل در این جمعیت نیست: {listed(shown, 'و')}؛ "
            f"نزدیک‌ترین‌ها: {listed(near, 'و') or 'هیچ'}",
        )
    return one_of("tower", list(found.values()))


def _nearest(name: str, population: Population) -> list[str]:
    """Return three towers whose names resemble this one."""
    query = "SELECT name FROM towers ORDER BY jaro_winkler_similarity(name, ?) DESC, name LIMIT 3"
    return [one for (one,) in population.con.cursor().execute(query, [name]).fetchall()]
