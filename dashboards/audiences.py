"""Places, numbers and uploads as the pages ask for them. Thin over `targeting`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from dashboards.words import plain
from data import reference
from data.errors import Refused
from data.rules import msisdn
from data.settings import settings
from data.store import population

if TYPE_CHECKING:
    from data.use_cases.floor import Who
    from targeting.importer import Imported
    from targeting.places import Place, Places

Names = dict[str, str]
SAMPLE_CSV = "mobile,name,city\r\n09121234567,سارا,تهران\r\n09351234567,رضا,شیراز\r\n"
REJECTS_MAX = 1_000
BUILD = ".venv/bin/chapar population build --synthetic 1000000 --seed 1"  # as the README has it, to be pasted
CENTRES = {"IR": (51.40, 35.72, 9.5)}  # where the map of a country opens: lon, lat, zoom


@dataclass(frozen=True, slots=True)
class Numbers:
    """What came of typed or uploaded numbers."""

    accepted: int
    duplicates: int
    rejected: int
    rejects: list[tuple[int, str, str]]
    numbers: list[str]
    column: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedDistrict:
    """A district and the city it lies in, in the viewer's language."""

    name: str
    city: str


def snapshot() -> population.Snapshot | None:
    """Return the published population, or None."""
    return population.current()


def provinces(language: str) -> Names:
    """Return code → name, sorted by name."""
    return _names(_places().provinces.values(), language)


def cities(province: str, language: str) -> Names:
    """Return code → name of the cities of a province, sorted by name."""
    return _names((one for one in _places().cities.values() if one.parent == province), language)


def districts(language: str) -> dict[str, NamedDistrict]:
    """Return code → district with the name of its city."""
    places = _places()
    return {
        code: NamedDistrict(
            _name(one, language),
            _name(places.cities[one.parent], language) if one.parent in places.cities else "–",
        )
        for code, one in places.districts.items()
    }


def occupations(language: str) -> dict[str, Names]:
    """Return group → code → name."""
    groups: dict[str, Names] = defaultdict(dict)
    for code, one in _places().occupations.items():
        groups[one.parent or "–"][code] = _name(one, language)
    return dict(groups)


def operators() -> list[str]:
    """Return the operators that numbers of this population may have."""
    return [name for name in _places().operators if name != "other"] if snapshot() else []


@lru_cache(maxsize=8)
def operator_names(language: str) -> Names:
    """Return operator → name, as shipped with the product."""
    name = "name_fa" if language == "fa" else "name_en"
    return {row["operator"]: row[name] for row in reference.rows("operators.csv")}


def operator_name(operator: str | None, language: str) -> str:
    """Return how people call an operator."""
    other = "سایر" if language == "fa" else "Other"
    return operator_names(language).get(
        operator or "", other if operator in (None, "", "other") else str(operator)
    )


def postcode_coverage(language: str) -> list[str]:
    """Return the provinces that have postcodes in this population (R1.49)."""
    places = _places()
    codes = sorted({province for _, province, _, _ in places.postcode_areas if province})
    return [_name(places.provinces[code], language) for code in codes if code in places.provinces]


def centre() -> tuple[float, float, float]:
    """Return where the map opens: lon, lat, zoom. Of a population of one province its middle."""
    from targeting.map import middle

    return middle() or CENTRES["IR"]


def numbers_of_text(text: str) -> Numbers:
    """Read numbers typed by hand."""
    from targeting.importer import read_typed, typed_numbers

    return _numbers(read_typed(typed_numbers(text, settings().region), settings().region), whole=True)


def take_upload(account_id: int, content: bytes) -> tuple[str, Numbers]:
    """Read a file of this account and keep it; return the name it is found by, its counts, its rejects and
    the fields its other columns bring. What is refused is not kept; a file without a single good row is,
    for the page offers its rejected rows.
    """
    from targeting.importer import read_numbers
    from targeting.uploads import refuse_large, store_upload

    refuse_large(content, "file")
    found = _numbers(read_numbers(content, region=settings().region, field="file"), whole=False)
    return store_upload(content, account_id, field="file"), found


def reason(key: str, language: str) -> str:
    """Return why a number was rejected, in words."""
    from targeting.importer import REASONS

    english, persian = REASONS[key]
    return persian if language == "fa" else english


def rejects_of_upload(who: Who, upload: str, language: str) -> pl.DataFrame:
    """Return line, input and reason (in words) of every row of an upload that was rejected."""
    from targeting.importer import REASONS
    from targeting.rejects import rejected

    said = {key: reason(key, language) for key in REASONS}
    return rejected(who, upload).with_columns(pl.col("reason").replace_strict(said))


def _numbers(read: Imported, *, whole: bool) -> Numbers:
    rejects = read.rejected.select("line", "input", "reason").head(REJECTS_MAX).rows()
    listed = [msisdn.show(number) for number in read.accepted["msisdn"].to_list()] if whole else []
    return Numbers(
        accepted=read.accepted.height,
        duplicates=read.duplicates,
        rejected=read.rejected.height,
        rejects=[(line, plain(value or "", "en"), why) for line, value, why in rejects],
        numbers=listed,
        column="" if whole else read.column,
        fields=read.fields,
    )


def _places() -> Places:
    found = snapshot()
    if found is None:
        raise Refused(
            "population",
            f"no population is published yet; build one with `{BUILD}`",
            f"هنوز جمعیتی منتشر نشده است؛ آن را با `{BUILD}` بسازید",
        )
    return _places_of(found.name)


@lru_cache(maxsize=2)
def _places_of(name: str) -> Places:
    from targeting.places import places_of

    with population.open_population(name) as found:
        return places_of(found)


def _names(found: Any, language: str) -> Names:
    return dict(sorted(((one.code, _name(one, language)) for one in found), key=lambda pair: pair[1]))


def _name(one: Place, language: str) -> str:
    first, second = (one.name_fa, one.name_en) if language == "fa" else (one.name_en, one.name_fa)
    return first or second or one.code
