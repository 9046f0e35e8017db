"""Persian text as people mean it: one fold for all searches and keywords, digits both ways (spec R16.3)."""

from __future__ import annotations

import re
import unicodedata

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
