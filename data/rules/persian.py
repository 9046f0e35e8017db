"""Persian text as people mean it: one fold for all searches and keywords, digits both ways (spec R16.3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

DIGITS_PERSIAN, DIGITS_ARABIC, DIGITS_ASCII = "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "0123456789"

# Letters that keyboards and old code pages write differently, and small letters that have two forms.
LETTERS: dict[str, str] = {
    "ي": "ی", "ى": "ی", "ئ": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه", "ە": "ه", "ؤ": "و",
    "آ": "ا", "أ": "ا", "إ": "ا", "ٱ": "ا", "ß": "ss", "ς": "σ",
}  # fmt: skip
# Vowel signs, the stretcher, joiners, direction marks, soft hyphen, BOM: seen or unseen, they change no word.
DROPPED = (
    "[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4"
    "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
SPACES = r"[\s\x1c-\x1f]+"

SEPARATOR, POINT = "\u066c", "\u066b"  # of thousands and of decimals, as Persian writes them
# What keeps its Latin digits inside a Persian sentence: somebody's own words, commands, JSON, fields …
_QUOTED = re.compile(r"(«[^»]*»|`[^`]*`|\"[^\"]*\"|\{[^{}]*\})")
# … and every number that is a part of a name, a path, an ISO time, an address or an English phrase.
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.,/:+\-=@#])(?<![A-Za-z] )"
    r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
    r"(?![A-Za-z0-9_/:+\-=@#]|[.,][A-Za-z0-9])"
)

_TO_ASCII = str.maketrans(DIGITS_PERSIAN + DIGITS_ARABIC, DIGITS_ASCII * 2)
_TO_PERSIAN = str.maketrans(DIGITS_ASCII + DIGITS_ARABIC, DIGITS_PERSIAN * 2)
_LETTERS = str.maketrans(LETTERS)
_DROPPED = re.compile(DROPPED)
_SPACES = re.compile(SPACES)


def fold(text: str) -> str:
    """Return the form in which two writings of the same words are equal; never shown to anybody."""
    plain = _DROPPED.sub("", unicodedata.normalize("NFKC", text)).lower()
    return _SPACES.sub(" ", plain.translate(_LETTERS).translate(_TO_ASCII)).strip(" ")


def digits(text: str) -> str:
    """Return `text` with Persian and Arabic digits as ASCII; nothing else is touched."""
    return text.translate(_TO_ASCII)


def persian_digits(text: str | int) -> str:
    """Return `text` with Persian digits."""
    return str(text).translate(_TO_PERSIAN)


def persian_sentence(text: str) -> str:
    """Return a Persian sentence with its numbers in Persian digits, separators and decimal point.

    Names, paths, times, commands and what stands between quotation marks or braces stay as they are: people
    copy them. Doing it twice changes nothing.
    """
    pieces = _QUOTED.split(text)
    pieces[::2] = [_NUMBER.sub(_in_persian, piece) for piece in pieces[::2]]
    return "".join(pieces)


def listed(names: Iterable[object], last: str = "یا") -> str:
    """Return names as a Persian sentence lists them: الف، ب یا پ; `last` stands before the last one."""
    *first, end = [str(name) for name in names] or [""]
    return f"{'، '.join(first)} {last} {end}" if first else end


def _in_persian(number: re.Match[str]) -> str:
    return persian_digits(number[0]).replace(",", SEPARATOR).replace(".", POINT)
