"""Which encoding a file of numbers is in: UTF-8 (with BOM), UTF-16 (with BOM or sniffed), Windows-1256;
else refused.

A file is never read as rubbish: what fits none of the three is refused, and the three are named. A table of
bytes that has a letter for each cannot prove itself, so what it says is asked whether it is the language.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from data.errors import Refused

SAMPLE_BYTES = 65_536
ZERO_SHARE_UTF16 = 0.3  # of the bytes of one parity: Latin text in UTF-16 has a zero in every second byte
ARABIC_SHARE_UTF16 = 0.6  # Persian in UTF-16 without BOM: its high bytes are 06 or 00
GOOD_SHARE = 0.9  # of what is not ASCII must make sense in the encoding chosen
_PERSIAN_1256 = re.compile("[\u0600-\u06ff\u200c-\u200f\u00a0\u00ab\u00bb\u2010-\u2026éèêëàâçùûüîïôö°±×÷]")
_FREQUENT = frozenset("اینروهملدتيى")  # over six of ten letters in Persian, as in Arabic
FEW_LETTERS = 24
FREQUENT_SHARE, FREQUENT_SHARE_OF_FEW = 0.4, 0.25  # a single name may have few of them
_WORD = re.compile(r"[^\s,;:\t\"'()./|0-9+=_«»\-\u2010-\u2026\u00a0-\u00bf\u060c\u061b\u061f]+")
_ARABIC_WORD = re.compile("[\u0620-\u06ff\u200c\u200d]+")
_LATIN_WORD = re.compile("[A-Za-zéèêëàâçùûüîïôö]+")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_BINARY = {
    b"PK\x03\x04": "an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file as text; U+FFFD stands where single bytes were broken."""

    text: str
    encoding: str


def decode(raw: bytes, field: str = "file") -> Decoded:
    """Return the text of a file; raise Refused where it is in none of the encodings, or is no text at all."""
    for start, what in _BINARY.items():
        if raw.startswith(start):
            raise Refused(
                field, f"this is {what}: save it as CSV (UTF-8) and use that file",
                "این فایل متنی نیست (اکسل، PDF یا فشرده است): آن را با قالب CSV UTF-8 ذخیره کنید",
            )  # fmt: skip
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return _with_bom(raw, encoding, field)
    wide = _utf16(raw[:SAMPLE_BYTES])
    if wide:
        return Decoded(raw.decode(wide, "replace"), wide)
    try:
        return Decoded(raw.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _damaged_or_1256(raw, field)


def _with_bom(raw: bytes, encoding: str, field: str) -> Decoded:
    if encoding == "utf-32":
        raise _refusal(field, "UTF-32")
    return Decoded(raw.decode(encoding, "replace"), encoding)


def _utf16(sample: bytes) -> str | None:
    """Tell UTF-16 without BOM by its zero bytes, or by high bytes that are those of Arabic script."""
    pairs = len(sample) // 2
    if pairs < 2 or len(sample) % 2:
        return None
    for high, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        highs, lows = sample[high::2], sample[1 - high :: 2]
        zeros, arabic = highs.count(0) / pairs, highs.count(6) / pairs
        if lows.count(0) == 0 and (
            zeros > ZERO_SHARE_UTF16 or (zeros > 0 and zeros + arabic > ARABIC_SHARE_UTF16)
        ):
            return encoding
    return None


def _damaged_or_1256(raw: bytes, field: str) -> Decoded:
    """Decide between UTF-8 with a few broken bytes and Windows-1256, by which makes more sense."""
    text = raw.decode("utf-8", "replace")
    strange = len(_NOT_ASCII.findall(text))
    if strange and 1 - text.count("\ufffd") / strange >= GOOD_SHARE:
        return Decoded(text, "utf-8")
    persian = raw.decode("cp1256")
    if _is_persian(persian):
        return Decoded(persian, "windows-1256")
    raise _refusal(field, "none of these")


def _is_persian(text: str) -> bool:
    """Say whether text read as Windows-1256 is Persian or Arabic, and no other code page misread: its signs
    make sense, its words do not mix alphabets, and its letters are as frequent as those of the language.
    """
    strange = _NOT_ASCII.findall(text)
    if len(_PERSIAN_1256.findall(text)) / len(strange) < GOOD_SHARE:
        return False
    words = [word for word in _WORD.findall(text) if _NOT_ASCII.search(word)]
    arabic = [word for word in words if _ARABIC_WORD.fullmatch(word)]
    clean = len(arabic) + sum(_LATIN_WORD.fullmatch(word) is not None for word in words)
    if not arabic or clean / len(words) < GOOD_SHARE:
        return False
    letters = "".join(arabic)
    frequent = sum(letter in _FREQUENT for letter in letters) / len(letters)
    return frequent >= (FREQUENT_SHARE if len(letters) >= FEW_LETTERS else FREQUENT_SHARE_OF_FEW)


def _refusal(field: str, found: str) -> Refused:
    return Refused(
        field, f"save the file as UTF-8, UTF-16 or Windows-1256 (it is {found})",
        "فایل را با UTF-8، UTF-16 یا Windows-1256 ذخیره کنید (رمزگذاری آن هیچ‌یک از این‌ها نیست)",
    )  # fmt: skip
