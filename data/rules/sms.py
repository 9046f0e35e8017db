"""How a text travels: alphabet, units and parts (3GPP TS 23.038 6.2.1, TS 23.040 9.2.3.24; spec 5.2).

GSM-7 with its default extension table, no national shift tables; else UCS-2, counted in UTF-16 units.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

GSM7_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)  # without 0x1B, the escape: it is no character
GSM7_EXTENSION = "\f^{}\\[~]|€"  # each is an escape and a character: two units that travel together
_GSM7 = frozenset(GSM7_BASIC + GSM7_EXTENSION)
_WIDE = frozenset(GSM7_EXTENSION)
_LAST_OF_BMP = "\uffff"


@dataclass(frozen=True, slots=True)
class PartSizes:
    """Units in a message of one part, and in each part of a longer one (the rest is the joining header)."""

    gsm7_single: int = 160
    gsm7_part: int = 153
    ucs2_single: int = 70
    ucs2_part: int = 67


STANDARD = PartSizes()


@dataclass(frozen=True, slots=True)
class Parts:
    """What a text costs in the air."""

    encoding: str  # "gsm7" | "ucs2"
    units: int  # septets or UTF-16 units
    parts: int  # at least 1: the empty text is one part
    left_in_part: int  # units still free in the last part
    forced_by: str | None  # first character that forces UCS-2


def count_parts(text: str, sizes: PartSizes = STANDARD) -> Parts:
    """Return encoding, units and parts of `text`; no escape pair and no surrogate pair is ever cut."""
    forced_by = _forces_ucs2(text)
    wide = _wide_count(text, ucs2=forced_by is not None)
    single, part = _limits(sizes, ucs2=forced_by is not None)
    units = len(text) + wide
    if units <= single:
        parts, last, room = 1, units, single
    elif not wide:
        parts, room = -(-units // part), part
        last = units - (parts - 1) * part
    else:
        cuts = _cuts(text, part, ucs2=forced_by is not None)
        parts, last, room = len(cuts), cuts[-1][1], part
    return Parts("ucs2" if forced_by else "gsm7", units, parts, room - last, forced_by)


def split_parts(text: str, sizes: PartSizes = STANDARD) -> list[str]:
    """Return the texts of the parts, in order, as many as `count_parts` says; joined they are `text`."""
    ucs2 = _forces_ucs2(text) is not None
    single, part = _limits(sizes, ucs2=ucs2)
    if len(text) + _wide_count(text, ucs2=ucs2) <= single:
        return [text]
    ends = [end for end, _ in _cuts(text, part, ucs2=ucs2)]
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def tables(sizes: PartSizes = STANDARD) -> dict[str, Any]:
    """Return the two tables and the part sizes as JSON, for the counter that runs in the browser."""
    return {"basic": GSM7_BASIC, "extension": GSM7_EXTENSION, "sizes": asdict(sizes)}


def _forces_ucs2(text: str) -> str | None:
    return next((sign for sign in text if sign not in _GSM7), None)


def _wide_count(text: str, *, ucs2: bool) -> int:
    if ucs2:
        return sum(sign > _LAST_OF_BMP for sign in text)
    return sum(sign in _WIDE for sign in text)


def _limits(sizes: PartSizes, *, ucs2: bool) -> tuple[int, int]:
    return (sizes.ucs2_single, sizes.ucs2_part) if ucs2 else (sizes.gsm7_single, sizes.gsm7_part)


def _cuts(text: str, part: int, *, ucs2: bool) -> list[tuple[int, int]]:
    """Return (end in the text, units) of each part, filling each as far as whole characters go."""
    cuts: list[tuple[int, int]] = []
    used = 0
    for place, sign in enumerate(text):
        width = 2 if (sign > _LAST_OF_BMP if ucs2 else sign in _WIDE) else 1
        if used + width > part:
            cuts.append((place, used))
            used = 0
        used += width
    return [*cuts, (len(text), used)]
