"""People of named districts of a city, or of the first digits of its postcodes (R1.56-R1.58)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from data.errors import Refused
from data.rules.persian import digits
from targeting.criterion import Condition, both, equals
from targeting.places import Place, places_of
from targeting.postcodes import begins, refuse_uncovered
from targeting.regions import polygon_condition

if TYPE_CHECKING:
    from data.store.population import Population
    from targeting.places import Places

PREFIX_DIGITS = range(2, 6)  # digits of a postcode that may stand for a district that is not listed


@dataclass(frozen=True, slots=True)
class District:
    """Each of `names` is a district's code or name, or 2-5 digits of a postcode."""

    kind: ClassVar[str] = "district"
    own: ClassVar[bool] = False

    names: tuple[str, ...]

    def check(self, places: Places) -> None:
        """Refuse names that no district has, and districts that the snapshot cannot place."""
        for name in self.names:
            self._find(name, places)

    def condition(self, population: Population, today: date) -> Condition:  # noqa: ARG002
        """Return who lives in one of them: by postcode where the district has prefixes,
        else by its outline.
        """
        places = places_of(population)
        parts = [_lives_in(self._find(name, places), population) for name in dict.fromkeys(self.names)]
        relations = {name: frame for part in parts for name, frame in part.relations.items()}
        return Condition(
            " OR ".join(f"({part.sql})" for part in parts),
            [value for part in parts for value in part.params],
            relations,
        )

    @staticmethod
    def _find(name: str, places: Places) -> Place | str:
        found = places.districts_named(name)
        if found:
            _refuse_unplaced(found[0])
            return found[0]
        typed = digits(name).strip()
        if typed.isascii() and typed.isdigit() and len(typed) in PREFIX_DIGITS:
            refuse_uncovered(typed, places, "names")
            return typed
        en, fa = places.choices(places.districts.values())
        raise Refused(
            "names", f"there is no district {name!r}; use 2-5 digits of its postcode, or {en or 'a polygon'}",
            f"منطقه «{name}» شناخته نیست؛ ۲ تا ۵ رقم نخست کدپستی یا یکی از این‌ها: {fa or 'چندضلعی'}",
        )  # fmt: skip


def _refuse_unplaced(district: Place) -> None:
    if not district.prefixes and not district.wkb:
        raise Refused(
            "names", f"neither postcodes nor an outline of {district.show} are known; draw a polygon instead",
            f"این جمعیت نه کدپستی و نه مرز {district.show_fa} را دارد؛ به جای آن چندضلعی بکشید",
        )  # fmt: skip


def _lives_in(found: Place | str, population: Population) -> Condition:
    if isinstance(found, str):
        return begins("postcode", found)
    if found.prefixes:
        parts = [begins("postcode", prefix) for prefix in found.prefixes]
        codes = Condition(
            " OR ".join(f"({one.sql})" for one in parts), [value for one in parts for value in one.params]
        )
        return both(equals("city", found.parent), codes)
    import shapely

    return polygon_condition(shapely.from_wkb(bytes(found.wkb or b"")), population)
