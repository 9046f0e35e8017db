"""`chapar numbers check`: which lines of a file are mobile numbers, and why the others are not (R16.1)."""

from __future__ import annotations

import argparse
import os
import re
from typing import Any

from data.errors import Refused
from data.rules.msisdn import NumberRefused, parse
from data.rules.persian import persian_digits
from flows.commands import add, group
from flows.commands.documents import read_bytes
from targeting import lost_zero

COLUMNS_FROM_LINES = 20_000  # so many lines are read before Polars would have been imported
READ_MAX_BYTES = 2**30  # whatever the settings allow, a command reads no more
DEFAULT_REGION = "IR"  # as in data/settings.py
SMALL_BYTES = 32_768  # below every default limit of an upload
NOTICED_FROM_LINES = 1_000  # so many rejected lines are looked at for what they are instead
_DELIMITERS = re.compile(r"[,;\t|،؛]")
_FILE_NAME = re.compile(r"\.(csv|tsv|txt|xlsx?|jsonl?|parquet)$", re.IGNORECASE)


def register(commands: Any) -> None:
    """Add the command and its options."""
    verbs = group(commands, "numbers", "telephone numbers")
    check = add(verbs, "check", check_command, "check a file of numbers, one a line")
    check.add_argument("file", metavar="FILE", help="a text file, or - for standard input")
    check.add_argument("--region", metavar="IR", help="country that numbers without a code belong to")


def check_command(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return accepted numbers in their order, rejected lines with reasons, and how many were repeats."""
    region = _region(arguments.region or _home_region())
    _refuse_number(arguments.file, region)
    lines = _lines(read_bytes(arguments.file, field="file", most=READ_MAX_BYTES))
    if not any(line.strip() for line in lines):
        raise Refused(
            "file",
            "the file is empty; write one number to a line",
            "فایل خالی است؛ در هر سطر یک شماره بنویسید",
        )
    return _check_columns(lines, region) if len(lines) > COLUMNS_FROM_LINES else check(lines, region)


def check(lines: list[str], region: str) -> dict[str, Any]:
    """Check a few lines one by one; agrees with the form in columns."""
    accepted: dict[int, None] = {}
    rejected: list[dict[str, Any]] = []
    mended = 0
    for number, text in enumerate(lines, start=1):
        try:
            accepted[parse(text, region)] = None
            mended += lost_zero.lost_zero(text, region)
        except NumberRefused as refused:
            rejected.append({"line": number, "input": text, "reason": refused.reason})
    answer = _answer(list(accepted), rejected, len(lines), region)
    return answer | {"notices": _mended(mended) + answer["notices"]}


def _check_columns(lines: list[str], region: str) -> dict[str, Any]:
    import polars as pl

    from data.rules.msisdn_columns import parse_column

    given = pl.DataFrame({"input": lines}).with_row_index("line", offset=1)
    read = given.hstack(parse_column(given["input"], region))
    good = read["msisdn"].drop_nulls().unique(maintain_order=True).to_list()
    bad = read.filter(pl.col("msisdn").is_null()).select("line", "input", "reason").to_dicts()
    lost = lost_zero.lost_zero_expr(pl.col("input"), region) & pl.col("msisdn").is_not_null()
    answer = _answer(good, bad, len(lines), region)
    return answer | {"notices": _mended(int(read.select(lost.sum()).item())) + answer["notices"]}


def _mended(n: int) -> list[dict[str, str]]:
    """Say how many numbers came without their zero, as the count of an audience does."""
    said = {"code": lost_zero.CODE, "en": lost_zero.EN, "fa": lost_zero.FA}
    return [{name: text.replace("{n}", str(n)) for name, text in said.items()}] if n else []


def _answer(accepted: list[int], rejected: list[dict[str, Any]], rows: int, region: str) -> dict[str, Any]:
    return {
        "accepted": accepted,
        "rejected": rejected,
        "duplicates": rows - len(rejected) - len(accepted),
        "rows": rows,
        "notices": _notices(rejected[:NOTICED_FROM_LINES], region),
    }


def _notices(rejected: list[dict[str, Any]], region: str) -> list[dict[str, str]]:
    """Say what the command was meant for, where lines show that something else was given to it."""
    odd = [row for row in rejected if row["reason"] == "not_a_number"]
    rows = [row for row in odd if any(_is_mobile(cell, region) for cell in _cells(row["input"]))]
    names = [row for row in odd if _FILE_NAME.search(row["input"].strip())]
    notices = []
    if rows:
        notices.append({
            "code": "table",
            "en": f"line {rows[0]['line']} is a row of a table, and this command reads one number to a line: "
                  "keep the column of numbers alone, or use the table as it is in an audience, "
                  'as {"any": [{"kind": "file", "path": "people.csv"}]} with chapar audience count',
            "fa": f"سطر {persian_digits(rows[0]['line'])} ردیف یک جدول است و این دستور در هر سطر یک شماره "
                  "می‌خواند: تنها ستون شماره‌ها را نگه دارید، یا جدول را همان‌گونه که هست در مخاطبان به کار "
                  'ببرید: {"any": [{"kind": "file", "path": "people.csv"}]} با chapar audience count',
        })  # fmt: skip
    if names:
        name = names[0]["input"].strip()
        notices.append({
            "code": "file_name",
            "en": f"line {names[0]['line']} names a file; to check the numbers in it: "
                  f"chapar numbers check {name}",
            "fa": f"سطر {persian_digits(names[0]['line'])} نام یک فایل است؛ برای بررسی شماره‌های درون آن: "
                  f"chapar numbers check {name}",
        })  # fmt: skip
    return notices


def _cells(line: str) -> list[str]:
    """Return the cells of a line that has several, else nothing."""
    cells = _DELIMITERS.split(line)
    return cells if len(cells) > 1 else []


def _is_mobile(text: str, region: str) -> bool:
    try:
        parse(text, region)
    except NumberRefused:
        return False
    return True


def _refuse_number(name: str, region: str) -> None:
    """Tell who gives a number where a file is expected how to check that number."""
    if _is_mobile(name, region) and not os.path.lexists(name):
        raise Refused(
            "file",
            f"{name} is a number, not a file: write numbers one to a line, or give them on standard input: "
            f"`echo {name} | chapar numbers check -`",
            f"{name} شماره است، نه فایل: شماره‌ها را هر یک در سطری بنویسید، یا از ورودی بدهید: "
            f"`echo {name} | chapar numbers check -`",
        )


def _lines(raw: bytes) -> list[str]:
    """Return the lines of a file in any of the usual encodings, within the limits of an upload."""
    from targeting.encodings import decode

    text = decode(raw, "file").text.removeprefix("\ufeff").replace("\r\n", "\n")
    lines = text.split("\n")
    lines = lines[:-1] if lines[-1] == "" else lines
    if len(raw) > SMALL_BYTES or _set("UPLOADS"):
        _refuse_large(raw, lines)
    return lines


def _refuse_large(raw: bytes, lines: list[str]) -> None:
    from data.settings import settings

    limits = settings().uploads
    if len(raw) > limits.max_bytes or len(lines) > limits.max_rows:
        raise Refused(
            "file",
            f"use at most {limits.max_bytes:,} bytes and {limits.max_rows:,} lines",
            f"حداکثر {limits.max_bytes:,} بایت و {limits.max_rows:,} سطر مجاز است",
        )
    number, longest = max(enumerate(lines, start=1), key=lambda one: len(one[1]), default=(0, ""))
    if len(longest) > limits.line_max_bytes:
        raise Refused(
            "file",
            f"line {number} is {len(longest):,} characters long; write one number to a line",
            f"سطر {number} دارای {len(longest):,} نویسه است؛ در هر سطر یک شماره بنویسید",
        )


def _home_region() -> str:
    """Return the region of this home; the settings take half a second to load and mostly say nothing else."""
    if not _set("REGION"):
        return DEFAULT_REGION
    from data.settings import settings

    return settings().region


def _set(name: str) -> bool:
    """Say whether a variable CHAPAR_<name>… is set."""
    return any(variable.upper().startswith(f"CHAPAR_{name}") for variable in os.environ)


def _region(name: str) -> str:
    region = name.strip().upper()
    if region == "IR":
        return region
    import phonenumbers

    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise Refused(
            "region",
            f"{name!r} is no country; use two letters, as IR",
            f"«{name}» کشور نیست؛ دو حرف بنویسید، مانند IR",
        )
    return region
