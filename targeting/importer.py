"""Numbers from a file or from typed text: accepted, repeated and rejected add up to the rows that came
(R1.59-R1.62).

Every cell is text; a lost leading zero is repaired and counted,
scientific notation and formulas are refused by row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from data.errors import Refused
from data.rules.msisdn import REASONS as NUMBER_REASONS
from data.rules.msisdn_columns import parse_column
from data.rules.persian import digits, fold, listed
from targeting import lost_zero
from targeting.criterion import Notice
from targeting.encodings import decode
from targeting.records import Table, split

NUMBER_HEADERS = (
    "mobile", "msisdn", "phone", "number", "cell", "tel", "cellphone", "mobile number", "phone number",
    "شماره", "موبایل", "همراه", "تلفن", "تلفن همراه", "شماره موبایل", "شماره همراه",
    "شماره تلفن همراه", "شماره تلفن",
)  # fmt: skip
RESERVED = (
    "msisdn",
    "operator",
    "bank",
    "order_key",
    "line",
    "times",
)  # columns of ours that no field may take
SAMPLE_ROWS = 1_000
INPUT_SHOWN_CHARS = 80
REJECTS_SHOWN = 3
REASONS: dict[str, tuple[str, str]] = {
    **NUMBER_REASONS,
    "bad_bytes": ("this line holds bytes that are no text", "این سطر بایت‌هایی دارد که متن نیست"),
    "unclosed_quote": ("a quotation mark on this line is never closed", "گیومه‌ای در این سطر بسته نشده است"),
    "ragged": (
        "this row has more or fewer cells than the first",
        "شمار خانه‌های این سطر با سطر نخست یکی نیست",
    ),
    "formula": ("this cell is a formula, not a number", "این خانه فرمول است، نه شماره"),
}
_WRAPPED = r'^="?([^"]*)"?$'  # ="0912…": the way to make a spreadsheet keep a zero
_FORMULA = r"^[=@]"
_FIELD = re.compile(r"[^{}|*^\n]{1,64}")  # what a text can name between braces
_NOT_DIGITS = "[^0-9]"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file: rows = accepted + duplicates + rejected."""

    accepted: (
        pl.DataFrame
    )  # line UInt32, msisdn UInt64 (unique), times UInt32, then the merge fields (String)
    rejected: pl.DataFrame  # line UInt32, input String, reason String (a key of REASONS)
    rows: int
    duplicates: int
    repaired: int  # leading zeros given back
    encoding: str
    delimiter: str
    column: str  # header or number of the column the numbers were in
    place: int = 1  # of that column, counted from 1
    fields: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = field(default=())

    def __post_init__(self) -> None:
        """Hold the sum that the report promises."""
        assert self.rows == self.accepted.height + self.duplicates + self.rejected.height, (
            "every row is accounted for"
        )


def read_numbers(
    source: bytes | str, *, column: str | None = None, region: str = "IR", field: str = "file"
) -> Imported:
    """Return the numbers of a CSV file's bytes or text; `column` is a header or a number counted from 1."""
    decoded = None if isinstance(source, str) else decode(source, field)
    table = split(source if isinstance(source, str) else decoded.text if decoded else "", field=field)
    header = _header(table, column)
    cells = table.rows.slice(1) if header else table.rows
    place = _column(table, header, column, region)
    names = _names(header, table, place)
    fields = {new: old for old, new in zip(table.columns, names, strict=True) if new}
    return _accounted(
        _parsed(cells, table.columns[place], region),
        cells.select("line", *(pl.col(old).alias(new) for new, old in fields.items())),
        bad=table.bad, encoding=decoded.encoding if decoded else "utf-8", delimiter=table.delimiter,
        column=header[place] if header else str(place + 1), place=place + 1,
    )  # fmt: skip


def read_typed(numbers: list[str], region: str = "IR") -> Imported:
    """Return numbers that were typed or came as a list; `line` is the place in it, counted from 1."""
    cells = pl.DataFrame({"c0": numbers}, schema={"c0": pl.String}).with_row_index("line", offset=1)
    bad = pl.DataFrame(schema={"line": pl.UInt32, "input": pl.String, "reason": pl.String})
    return _accounted(
        _parsed(cells, "c0", region),
        cells.select("line"),
        bad=bad,
        encoding="utf-8",
        delimiter="\n",
        column="1",
    )


def typed_numbers(text: str, region: str = "IR") -> list[str]:
    """Cut the text of a quick send at new lines, commas and semicolons,
    and at spaces where they part numbers (R1.30).
    """
    pieces = [piece.strip() for piece in re.split(r"[\n\r,;،؛\t]+", text)]
    pieces = [piece for piece in pieces if piece]
    whole = parse_column(pl.Series(pieces, dtype=pl.String), region)["msisdn"].is_not_null().to_list()
    return [
        part
        for piece, fine in zip(pieces, whole, strict=True)
        for part in ([piece] if fine else piece.split())
    ]


def _header(table: Table, column: str | None) -> list[str] | None:
    """Return the first row where it is a header: it has letters and nothing that could be a number."""
    first = [cell or "" for cell in table.rows.row(0)[1:]] if table.rows.height else []
    if column is not None and _number_of(column) is None:
        return first
    no_number = all(len(re.sub(_NOT_DIGITS, "", digits(cell))) < 5 for cell in first)
    return first if no_number and any(any(sign.isalpha() for sign in cell) for cell in first) else None


def _column(table: Table, header: list[str] | None, column: str | None, region: str) -> int:
    """Return the place of the numbers: as asked, else by its header, else where most numbers are,
    else the first.
    """
    width = len(table.columns)
    asked = None if column is None else _number_of(column)
    if asked is not None:
        if 1 <= asked <= width:
            return asked - 1
        raise Refused(
            "column",
            f"the file has {width} columns; use 1 to {width}",
            f"فایل {width} ستون دارد؛ ۱ تا {width}",
        )
    folded = [fold(name) for name in header or []]
    if column is not None:
        if fold(column) in folded:
            return folded.index(fold(column))
        have, have_fa = ", ".join(header or []), listed([f"«{name}»" for name in header or []], "و")
        raise Refused(
            "column",
            f"no column is called {column!r}; the file has {have}",
            f"ستون «{column}» نیست؛ ستون‌ها: {have_fa}",
        )
    for name in NUMBER_HEADERS:
        if fold(name) in folded:
            return folded.index(fold(name))
    sample = table.rows.slice(1 if header else 0, SAMPLE_ROWS)
    hits = [parse_column(sample[name], region)["msisdn"].count() for name in table.columns] or [0]
    return hits.index(max(hits))


def _number_of(column: str) -> int | None:
    text = digits(str(column)).strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _names(header: list[str] | None, table: Table, place: int) -> list[str]:
    """Return the merge field of each column, empty for none: headers, else `2`, `3` …;
    a repeated header counts once.
    """
    if header is None:
        return [str(at + 1) if at != place else "" for at in range(len(table.columns))]
    taken, names = set(RESERVED), []
    for at, name in enumerate(one.strip() for one in header):
        free = at != place and name not in taken and _FIELD.fullmatch(name) is not None
        names.append(name if free else "")
        taken.add(name)
    return names


def _parsed(cells: pl.DataFrame, name: str, region: str) -> pl.DataFrame:
    """Return line, input, msisdn, reason, repaired."""
    text = pl.col("input")
    frame = cells.select("line", input=pl.col(name).fill_null("").str.strip_chars())
    frame = frame.with_columns(number=text.str.replace(_WRAPPED, "${1}"))
    found = parse_column(frame["number"], region)
    return frame.with_columns(found["msisdn"], found["reason"]).with_columns(
        reason=pl.when(pl.col("msisdn").is_null() & text.str.contains(_FORMULA))
        .then(pl.lit("formula"))
        .otherwise("reason"),
        repaired=lost_zero.lost_zero_expr(pl.col("number"), region) & pl.col("msisdn").is_not_null(),
    )


def _accounted(parsed: pl.DataFrame, fields: pl.DataFrame, *, bad: pl.DataFrame, **more: Any) -> Imported:
    """Keep the first row of each number with its fields, and count the rest."""
    good = parsed.filter(pl.col("msisdn").is_not_null())
    times = good.group_by("msisdn").agg(times=pl.len().cast(pl.UInt32))
    unique = good.unique("msisdn", keep="first", maintain_order=True).select("line", "msisdn")
    accepted = unique.join(times, on="msisdn").join(fields, on="line", how="left").sort("line")
    line = pl.col("line").cast(pl.UInt32)
    wrong = parsed.filter(pl.col("msisdn").is_null()).select(line, "input", "reason")
    rejected = pl.concat([wrong, bad]).sort("line")
    repaired, repeats = int(parsed["repaired"].sum() or 0), good.height - unique.height
    return Imported(
        accepted=accepted, rejected=rejected.with_columns(pl.col("input").str.slice(0, INPUT_SHOWN_CHARS)),
        rows=parsed.height + bad.height, duplicates=repeats, repaired=repaired,
        fields=tuple(fields.columns[1:]),
        notices=_notices(repaired, rejected, repeats), **more,
    )  # fmt: skip


def _notices(repaired: int, rejected: pl.DataFrame, duplicates: int) -> tuple[Notice, ...]:
    shown, shown_fa = first_rejects(rejected)
    said = (
        (repaired, lost_zero.CODE, lost_zero.EN, lost_zero.FA),
        (
            rejected.height, "rejected",
            "rows left out because they hold no mobile number: {n} (" + shown + ")",
            "سطرهایی که شماره همراه نداشتند و کنار گذاشته شدند: {n} (" + shown_fa + ")",
        ),
        (duplicates, "repeats", "{n} repeats merged", "{n} شمارهٔ تکراری یکی شد"),
    )  # fmt: skip
    return tuple(
        Notice(code, en.replace("{n}", str(n)), fa.replace("{n}", str(n))) for n, code, en, fa in said if n
    )


def first_rejects(rejected: pl.DataFrame) -> tuple[str, str]:
    """Return the first rejected rows with line, what stood there, reason and mend, in English and Persian."""
    rows = rejected.head(REJECTS_SHOWN).rows(named=True)
    more, more_fa = ("; …", "؛ …") if rejected.height > REJECTS_SHOWN else ("", "")
    en = "; ".join(f"line {row['line']} {row['input']!r}: {REASONS[row['reason']][0]}" for row in rows)
    fa = "؛ ".join(f"سطر {row['line']} «{row['input']}»: {REASONS[row['reason']][1]}" for row in rows)
    return en + more, fa + more_fa
