"""People of named districts of a city, or of the first digits of its postcodes (R1.56-R1.58)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from data.errors import Refused
from targeting import names
from targeting.codes import Code
from targeting.criterion import Condition, Ground, Rented, both, equals
from targeting.places import Place
from targeting.postcodes import begins, covered
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

    def understood(self, ground: Ground) -> Rented:
        """Return who lives in one of them: by postcode where the district has prefixes, else by its outline;
        refuse names that no district has, and districts that the snapshot cannot place.
        """
        found = {_form(one): one for one in (_find(name, ground.places) for name in self.names)}
        return Rented(
            self.kind,
            {"names": sorted(found)},
            lambda population, _: _either([_lives_in(one, population) for one in found.values()]),
        )


def _find(name: str, places: Places) -> Place | Code:
    found = places.districts_named(name)
    if found:
        _refuse_unplaced(found[0])
        return found[0]
    typed = names.key(name)
    if typed.isascii() and typed.isdigit() and len(typed) in PREFIX_DIGITS:
        return covered(typed, places, "names")
    en, fa = places.nearest(name, places.districts.values())
    raise Refused(
        "names",
        f"there is no district {name!r}; use 2-5 digits of its postcode, or draw a polygon; "
        f"nearest are {en or 'none'}",
        f"منطقه «{name}» شناخته نیست؛ ۲ تا ۵ رقم نخست کدپستی را بنویسید، آن را روی نقشه بکشید یا یکی از "
        f"نزدیک‌ترین‌ها را بنویسید: {fa or 'هیچ'}",
    )


def _form(found: Place | Code) -> str:
    """Return a district's code, or digits as `postcode:113`, which no code can be taken for."""
    return f"postcode:{found}" if isinstance(found, str) else found.code


def _either(parts: list[Condition]) -> Condition:
    return Condition(
        " OR ".join(f"({part.sql})" for part in parts),
        [value for part in parts for value in part.params],
        {name: frame for part in parts for name, frame in part.relations.items()},
    )


def _refuse_unplaced(district: Place) -> None:
    if not district.prefixes and not district.wkb:
        raise Refused(
            "names", f"neither postcodes nor an outline of {district.show} are known; draw a polygon instead",
            f"این جمعیت نه کدپستی و نه مرز {district.show_fa} را دارد؛ به جای آن چندضلعی بکشید",
        )  # fmt: skip


def _lives_in(found: Place | Code, population: Population) -> Condition:
    if isinstance(found, str):
        return begins("postcode", found)
    if found.prefixes:
        return both(
            equals("city", found.parent), _either([begins("postcode", prefix) for prefix in found.prefixes])
        )
    import shapely

    return polygon_condition(shapely.from_wkb(bytes(found.wkb or b"")), population)
