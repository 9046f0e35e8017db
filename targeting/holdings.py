"""What a snapshot holds at all: places with people in them, columns that somebody has. Where it holds nothing
of the kind that is no secret, and said as that, not as privacy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.errors import Refused

PRESENT = ("operator", "province", "city")
_KNOWN = {  # what people of a snapshot may lack altogether: (English, Persian)
    "lon": ("nobody has a position", "کسی مکان ندارد"),
    "born_on": ("nobody has a birth date", "کسی تاریخ تولد ندارد"),
    "line_type": ("nobody has a line type", "کسی نوع خط ندارد"),
    "occupation": ("nobody has a trade", "کسی شغل ندارد"),
    "tower": ("nobody was seen at a tower", "کسی کنار دکلی دیده نشده است"),
}
HELD = {  # name of a question: the question
    **{f"present_{name}": f"SELECT DISTINCT {name}::VARCHAR FROM subscribers" for name in PRESENT},
    "known": "SELECT "
    + ", ".join(f"EXISTS (SELECT 1 FROM subscribers WHERE {name} IS NOT NULL)" for name in _KNOWN),
}


@dataclass(frozen=True, slots=True)
class Holdings:
    """`present`: column → codes that somebody has; `known`: column → whether somebody has any."""

    present: Mapping[str, frozenset[str | None]]
    known: Mapping[str, bool]

    @classmethod
    def of(cls, tables: Mapping[str, list[tuple[Any, ...]]]) -> Holdings:
        """Return what the answers to `HELD` say."""
        present = {name: frozenset(value for (value,) in tables[f"present_{name}"]) for name in PRESENT}
        return cls(present, dict(zip(_KNOWN, tables["known"][0], strict=True)))

    def refuse_lacking(self, column: str, field_name: str) -> None:
        """Refuse a question that nobody of the snapshot can answer."""
        if not self.known[column]:
            en, fa = _KNOWN[column]
            raise Refused(
                field_name, f"{en} in this population; choose in another way",
                f"در این جمعیت {fa}؛ از راه دیگری برگزینید",
            )  # fmt: skip


def nobody_of(field_name: str, place: str, place_fa: str, *, there: tuple[str, str]) -> Refused:
    """Return the refusal of a place without people, with those that have some in both languages."""
    en, fa = there
    return Refused(
        field_name, f"this population holds nobody of {place}; it holds people of {en or 'no place'}",
        f"این جمعیت کسی از {place_fa} ندارد؛ جاهایی که دارد: {fa or 'هیچ'}",
    )  # fmt: skip
