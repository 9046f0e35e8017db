"""What a snapshot knows by name: provinces, cities, districts, operators, prefixes, occupations,
postcodes, outline.

Read once a snapshot (it never changes) and kept; names are found by code or by folded Persian or English
name (R16.3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import Refused
from data.rules.persian import digits
from targeting.codes import Code
from targeting.holdings import HELD, Holdings, nobody_of
from targeting.names import key, nearest
from targeting.operators import words_of

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry as Geometry

    from data.store.population import Population

CHOICES_SHOWN = 20
CACHED_SNAPSHOTS = 4
NO_CODE = Code("")
_NOUNS = {"names": "district", "codes": "occupation"}  # fields that hold several


@dataclass(frozen=True, slots=True)
class Place:
    """A row of provinces, cities, districts or occupations."""

    code: Code
    name_fa: str
    name_en: str
    parent: Code | None = None  # province of a city, city of a district, group of an occupation
    prefixes: tuple[Code, ...] = ()  # postcode prefixes of a district
    wkb: bytes | None = field(default=None, repr=False)

    @property
    def show(self) -> str:
        """The place as a choice: `Tehran (23)`."""
        return f"{self.name_en or self.name_fa} ({self.code})"

    @property
    def show_fa(self) -> str:
        """The same in Persian."""
        return f"{self.name_fa or self.name_en} ({self.code})"


class Places:
    """The names of one snapshot."""

    def __init__(self, region: str, tables: Mapping[str, list[tuple[Any, ...]]]) -> None:
        """Keep the rows; look-up tables are made when first asked for."""
        self.region = region
        self.provinces = {code: Place(code, fa or "", en or "") for code, fa, en in tables["provinces"]}
        self.cities = {code: Place(code, fa or "", en or "", up) for code, up, fa, en in tables["cities"]}
        self.districts = {
            code: Place(code, fa or "", en or "", city, tuple(prefixes or ()), wkb)
            for code, city, fa, en, prefixes, wkb in tables["districts"]
        }
        self.occupations = {
            code: Place(code, fa or "", en or "", group) for code, group, fa, en in tables["occupations"]
        }
        self.prefixes = {str(prefix): operator for prefix, operator in tables["prefixes"]}
        self.postcode_areas = [
            (str(prefix), province, city, name) for prefix, province, city, name in tables["postcodes"]
        ]
        self.has_postcodes = bool(tables["postcoded"])
        self.holds = Holdings.of(tables)
        self._outlines = [bytes(wkb) for (wkb,) in tables["outline"] if wkb]

    @cached_property
    def operators(self) -> list[str]:
        """Names of the operators that the prefixes belong to."""
        return sorted({operator for operator in self.prefixes.values() if operator} | {"other"})

    @cached_property
    def _operator_words(self) -> dict[str, Code]:
        return {key(word): code for word, code in words_of(self.operators).items()}

    @cached_property
    def outline(self) -> Geometry | None:
        """The country, or None where the snapshot has no outline."""
        import shapely

        return shapely.union_all(shapely.from_wkb(self._outlines)) if self._outlines else None

    def operator(self, name: str | None, field_name: str = "operator") -> Code | None:
        """Return the code of an operator given by code or name, or refuse; None stays None."""
        if name is None:
            return None
        known = self._operator_words.get(key(name))
        if known:
            return known
        near = nearest(name, self._operator_words.items())
        more = [one for one in self.operators if one not in near]
        raise Refused(
            field_name,
            f"there is no operator {name!r}; nearest are {', '.join(near)}; there are also {', '.join(more)}",
            f"اپراتور «{name}» شناخته نیست؛ نزدیک‌ترین‌ها: {'، '.join(near)}؛ دیگرها: {'، '.join(more)}",
        )

    def province(self, name: str | None) -> Code | None:
        """Return the code of a province given by code or name; None stays None."""
        return (
            None if name is None else self._one("province", name, self.provinces, self._province_names).code
        )

    def city(self, name: str | None, province: Code | None = None) -> Code | None:
        """Return the code of a city given by code or name, inside `province` (code) where given."""
        if name is None:
            return None
        found = self._found(name, self.cities, self._city_names)
        inside = [one for one in found if province is None or one.parent == province]
        if found and not inside:
            there = self.provinces[province or NO_CODE]
            raise Refused(
                "city", f"{found[0].show} is not in the province {there.show}; choose a city of it",
                f"{found[0].show_fa} در استان {there.show_fa} نیست؛ شهری از آن بنویسید",
            )  # fmt: skip
        code = self._single("city", name, inside, self.cities.values()).code
        self._refuse_unpeopled("city", code, self.cities)
        return code

    def area(self, province: str | None, city: str | None) -> tuple[Code | None, Code | None]:
        """Return (province code, city code) of two optional names that must agree."""
        code = self.province(province)
        inside = self.city(city, code)
        if inside is None:
            self._refuse_unpeopled("province", code, self.provinces)
        return code, inside

    def _refuse_unpeopled(self, field_name: str, code: Code | None, known: Mapping[Code, Place]) -> None:
        """Refuse a place in which nobody of the snapshot lives, such as all but one province's."""
        if code is None or code in self.holds.present[field_name]:
            return
        en, fa = self.choices(one for one in known.values() if one.code in self.holds.present[field_name])
        raise nobody_of(field_name, known[code].show, known[code].show_fa, there=(en, fa))

    def districts_named(self, name: str) -> list[Place]:
        """Return the district of that code or name; empty where there is none,
        refused where there are several.
        """
        found = self._found(name, self.districts, self._district_names)
        return [self._single("names", name, found, ())] if found else []

    def occupations_named(self, name: str) -> list[Code]:
        """Return the occupation codes of a code, a group or a name; refused where nothing is so called."""
        groups = self._occupation_groups.get(key(name))
        if groups:
            return groups
        found = self._found(name, self.occupations, self._occupation_names)
        return [self._single("codes", name, found, self.occupations.values()).code]

    def choices(self, places: Iterable[Place]) -> tuple[str, str]:
        """Return a list to choose from, in English and in Persian, cut at CHOICES_SHOWN."""
        listed = list(places)
        more = len(listed) - CHOICES_SHOWN
        shown = listed[:CHOICES_SHOWN]
        en = ", ".join(self._placed(one, one.show, "in") for one in shown)
        fa = "، ".join(self._placed(one, one.show_fa, "در") for one in shown)
        return (f"{en} and {more} more", f"{fa} و {more} مورد دیگر") if more > 0 else (en, fa)

    def nearest(self, name: str, known: Iterable[Place]) -> tuple[str, str]:
        """Return those whose code or name resembles `name` most, in English and in Persian."""
        by_code = {one.code: one for one in known}
        words = (
            (word, one.code) for one in by_code.values() for word in (one.name_fa, one.name_en, one.code)
        )
        return self.choices(by_code[Code(code)] for code in nearest(name, words))

    def _placed(self, place: Place, shown: str, word: str) -> str:
        """Return a choice with the province or city it lies in."""
        up = self.provinces.get(place.parent or NO_CODE) or self.cities.get(place.parent or NO_CODE)
        if up is None:
            return shown
        return f"{shown} {word} {up.name_en or up.name_fa if word == 'in' else up.name_fa or up.name_en}"

    def _one(
        self, what: str, name: str, by_code: dict[Code, Place], by_name: dict[str, list[Place]]
    ) -> Place:
        return self._single(what, name, self._found(name, by_code, by_name), by_code.values())

    def _found(self, name: str, by_code: dict[Code, Place], by_name: dict[str, list[Place]]) -> list[Place]:
        exact = by_code.get(Code(digits(name).strip()))
        return [exact] if exact else by_name.get(key(name), [])

    def _single(self, what: str, name: str, found: list[Place], known: Iterable[Place]) -> Place:
        if len(found) == 1:
            return found[0]
        if found:
            en, fa = self.choices(found)
            raise Refused(
                what, f"several places are called {name!r}; give the code of one: {en}",
                f"چند جا «{name}» نام دارد؛ کد یکی را بنویسید: {fa}",
            )  # fmt: skip
        en, fa = self.nearest(name, known)
        raise Refused(
            what, f"there is no {_NOUNS.get(what, what)} {name!r} here; nearest are {en or 'none'}",
            f"«{name}» شناخته نیست؛ نزدیک‌ترین‌ها: {fa or 'هیچ'}",
        )  # fmt: skip

    @cached_property
    def _province_names(self) -> dict[str, list[Place]]:
        return _by_name(self.provinces.values())

    @cached_property
    def _city_names(self) -> dict[str, list[Place]]:
        return _by_name(self.cities.values())

    @cached_property
    def _district_names(self) -> dict[str, list[Place]]:
        return _by_name(self.districts.values())

    @cached_property
    def _occupation_names(self) -> dict[str, list[Place]]:
        return _by_name(self.occupations.values())

    @cached_property
    def _occupation_groups(self) -> dict[str, list[Code]]:
        groups: dict[str, list[Code]] = defaultdict(list)
        for one in self.occupations.values():
            if one.parent:
                groups[key(one.parent)].append(one.code)
        return dict(groups)


def places_of(population: Population) -> Places:
    """Return the names of an open snapshot; read from it the first time, then from memory."""
    snapshot = population.snapshot
    known = _cache(snapshot.path, snapshot.name)
    if not known:
        con = population.con.cursor()
        known.append(
            Places(snapshot.region, {name: con.execute(sql).fetchall() for name, sql in _QUERIES.items()})
        )
    return known[0]


@lru_cache(maxsize=CACHED_SNAPSHOTS)
def _cache(path: Path, name: str) -> list[Places]:
    """Return the box that holds a snapshot's names; the least used box is forgotten."""
    assert path.name or name
    return []


def _by_name(places: Iterable[Place]) -> dict[str, list[Place]]:
    """Key the places by both names, and by the code as people may write it."""
    names: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        for name in {key(place.name_fa), key(place.name_en), key(place.code)} - {""}:
            names[name].append(place)
    return dict(names)


_QUERIES = {
    **HELD,
    "provinces": "SELECT code, name_fa, name_en FROM provinces ORDER BY code",
    "cities": "SELECT code, province, name_fa, name_en FROM cities ORDER BY code",
    "districts": "SELECT code, city, name_fa, name_en, postcode_prefixes, wkb FROM districts ORDER BY code",
    "occupations": "SELECT code, group_fa, name_fa, name_en FROM occupations ORDER BY code",
    "prefixes": "SELECT prefix, operator FROM prefixes ORDER BY prefix",
    "postcodes": "SELECT prefix, province, city, name_fa FROM postcode_areas ORDER BY prefix",
    "postcoded": "SELECT 1 FROM subscribers WHERE postcode IS NOT NULL LIMIT 1",
    "outline": "SELECT wkb FROM outline",
}
