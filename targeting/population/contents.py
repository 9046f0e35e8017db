"""The bytes of a raw file: unpacked, and text that can be read; what is neither is refused by what it is."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from pathlib import Path

from data.errors import Refused

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ODD_QUOTES = re.compile(rb'^[^"\n]*"(?:[^"\n]*"[^"\n]*")*[^"\n]*$', re.MULTILINE)  # a line leaves one open


def contents(table: str, path: Path) -> bytes:
    """Return the bytes of a file, those of a .gz unpacked; raise Refused for a .gz that is none."""
    raw = path.read_bytes()
    if not path.name.endswith(".gz"):
        return raw
    try:
        return gzip.decompress(raw)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Refused(
            f"raw.{table}",
            f"{path.name} is not gzip, or was cut short: fetch or pack it anew, or put the unpacked file "
            "there without .gz in its name",
            f"{path.name} فشردهٔ gzip نیست یا ناقص است: آن را دوباره دریافت یا فشرده کنید، یا پروندهٔ "
            "بازشده را بدون .gz در نام آن بگذارید",
        ) from error


def text_contents(table: str, path: Path) -> bytes:
    """Return the bytes of a text that is neither empty nor UTF-16; raise Refused for what is."""
    content = contents(table, path)
    if not content.strip():
        raise Refused(
            f"raw.{table}",
            f"{path.name} is empty: fill it, or take it out of the folder",
            f"{path.name} خالی است: آن را پر کنید یا از پوشه بردارید",
        )
    if content.startswith(_WIDE) or b"\0" in content:
        raise Refused(
            f"raw.{table}",
            f"{path.name} is UTF-16, or no text at all: save it as CSV in UTF-8",
            f"{path.name} با رمزگذاری UTF-16 است یا متن نیست: آن را به شکل CSV با UTF-8 ذخیره کنید",
        )
    return content


def unreadable(table: str, path: Path, content: bytes) -> Refused:
    """Say what keeps a text from being CSV: its encoding, or the first line with an odd quotation mark."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return Refused(
            f"raw.{table}",
            f"{path.name} is not UTF-8: save it as CSV in UTF-8",
            f"{path.name} با رمزگذاری UTF-8 نیست: آن را به شکل CSV با UTF-8 ذخیره کنید",
        )
    odd = _ODD_QUOTES.search(content)
    line = content.count(b"\n", 0, odd.start()) + 1 if odd else None
    return Refused(
        f"raw.{table}",
        f"{path.name} cannot be read as CSV: write one row to a line, and close every quotation mark"
        + (f" (one may be open in line {line})" if line else ""),
        f"{path.name} به شکل CSV خوانده نشد: هر ردیف را در یک سطر بنویسید و هر گیومه را ببندید"
        + (f" (شاید در سطر {line} یکی باز مانده باشد)" if line else ""),
    )
