"""From the text of a CSV file (RFC 4180, and what spreadsheets make of it) to records,
each with its line number.

Damage stays local: a NUL byte, a quote that never closes or a row of another length costs its own line only.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import polars as pl

from data.errors import Refused
from data.settings import settings

DELIMITERS = (",", ";", "\t")
SAMPLE_LINES = 200
QUOTED_LINES_MAX = 20  # a quoted cell may run over so many lines; beyond that its quote was never closed


@dataclass(frozen=True, slots=True)
class Table:
    """`rows`: line UInt32 and c0, c1 … (String); `bad`: line, input, reason of lines that are no record."""

    rows: pl.DataFrame
    bad: pl.DataFrame
    delimiter: str

    @property
    def columns(self) -> list[str]:
        """Names of the cell columns."""
        return self.rows.columns[1:]


def split(text: str, delimiter: str | None = None, field: str = "file") -> Table:
    """Return the records of `text`; blank lines are left out.
    Refuses lines and row counts beyond the limits.
    """
    lines, delimiter = _lines(text, delimiter, field)
    delimiter = delimiter or _sniff(lines["text"].head(SAMPLE_LINES))
    lines, damaged = _without(lines, pl.col("text").str.contains("[\x00\ufffd]"), "bad_bytes")
    records, open_quotes = _joined(lines, delimiter)
    records = records.with_columns(cells=_cells(records["text"], delimiter))
    width = _width(records["cells"])
    trimmed = _cells(records["text"].str.strip_chars_end(delimiter + " "), delimiter)
    ends_empty = (pl.col("cells") > width) & (trimmed <= width)  # cells beyond the last column, all empty
    records, uneven = _without(records, (pl.col("cells") != width) & ~ends_empty, "ragged")
    return Table(
        _read(records, delimiter, width), pl.concat([damaged, open_quotes, uneven]).sort("line"), delimiter
    )


def _lines(text: str, delimiter: str | None, field: str) -> tuple[pl.DataFrame, str | None]:
    """Return line and text of every line that is not blank, and the separator that a `sep=` line names."""
    limits = settings().uploads
    parts = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    longest = max(range(len(parts)), key=lambda at: len(parts[at]))
    if len(parts[longest]) > limits.line_max_bytes:
        size = f"{len(parts[longest]):,}"
        raise Refused(
            field, f"line {longest + 1} is {size} characters long; write one number to a line",
            f"سطر {longest + 1} دارای {size} نویسه است؛ در هر سطر یک شماره بنویسید",
        )  # fmt: skip
    named = re.fullmatch(r'"?sep=([,;|:\t])"?', parts[0].strip("\r\n "), re.IGNORECASE)
    frame = pl.DataFrame({"text": parts}, schema={"text": pl.String}).with_row_index("line", offset=1)
    frame = frame.slice(1) if named else frame
    frame = frame.filter(pl.col("text").str.contains(r"[^\s,;]"))
    if frame.height > limits.max_rows + 1:
        raise Refused(
            field, f"the file has {frame.height:,} rows; use at most {limits.max_rows:,}",
            f"فایل {frame.height:,} سطر دارد؛ حداکثر {limits.max_rows:,} سطر مجاز است",
        )  # fmt: skip
    if frame.is_empty():
        raise Refused(
            field,
            "the file is empty; write one number to a line",
            "فایل خالی است؛ در هر سطر یک شماره بنویسید",
        )
    return frame, (named[1] if named else delimiter)


def _sniff(sample: pl.Series) -> str:
    """Return the separator that cuts the most sample lines; ties by how often,
    then in the order of DELIMITERS.
    """
    bare = sample.str.replace_all('"[^"]*"', "")
    counts = {one: bare.str.count_matches(one, literal=True) for one in DELIMITERS}
    return max(
        DELIMITERS, key=lambda one: ((counts[one] > 0).sum(), counts[one].sum(), -DELIMITERS.index(one))
    )


def _joined(lines: pl.DataFrame, delimiter: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Join lines that one quoted cell spans; a line whose quote never closes is left out, alone."""
    sep = _escaped(delimiter)
    cell = rf'(?: *"(?:[^"]|"")*" *|[^"{sep}][^"{sep}]*|)'
    whole = rf"(?s)^{cell}(?:{sep}{cell})*$"
    starts_quote = rf'(?:^|{sep}) *"'
    lines = lines.with_columns(
        open=pl.col("text").str.contains(starts_quote) & ~pl.col("text").str.contains(whole)
    )
    if not lines["open"].any():
        return lines.drop("open"), _no_bad()
    pairs = _close(lines, re.compile(whole))
    joined = pl.DataFrame(pairs.joined, schema={"line": pl.UInt32, "text": pl.String}, orient="row")
    bad = lines.filter(pl.col("line").is_in(pairs.broken)).select(
        "line", input="text", reason=pl.lit("unclosed_quote")
    )
    single = lines.filter(~pl.col("line").is_in(pairs.used)).drop("open")
    return pl.concat([single, joined]).sort("line"), bad


@dataclass(slots=True)
class _Pairs:
    joined: list[tuple[int, str]]
    broken: list[int]
    used: list[int]


def _close(lines: pl.DataFrame, whole: re.Pattern[str]) -> _Pairs:
    """Walk over the lines whose quote stays open (few in any real file) and look for the line that
    closes each.
    """
    pairs, numbers, texts, free = _Pairs([], [], []), lines["line"], lines["text"], 0
    for at in lines["open"].arg_true():
        if at < free:
            continue
        window = texts[at : at + QUOTED_LINES_MAX].to_list()
        end = next(
            (
                n
                for n in range(2, len(window) + 1)
                if '"' in window[n - 1] and whole.match("\n".join(window[:n]))
            ),
            0,
        )
        free = at + max(end, 1)
        pairs.used.extend(numbers[at:free].to_list())
        if end:
            pairs.joined.append((numbers[at], "\n".join(window[:end])))
        else:
            pairs.broken.append(numbers[at])
    return pairs


def _cells(texts: pl.Series, delimiter: str) -> pl.Series:
    """Count the cells of records; separators inside quoted cells do not count."""
    sep = _escaped(delimiter)
    bare = texts.str.replace_all(rf'(?s)(^|{sep}) *"(?:[^"]|"")*"', "${1}")
    return bare.str.count_matches(delimiter, literal=True) + 1


def _width(cells: pl.Series) -> int:
    """Return how many cells a good row has: as many as the first row, unless nearly no row agrees with it."""
    if cells.is_empty():
        return 1
    common = cells.value_counts(sort=True)
    first, usual = int(cells[0]), int(common[0, 0])
    agree = (cells == first).sum()
    return min(first if agree * 2 >= cells.len() or agree > 1 else usual, settings().uploads.columns_max)


def _read(records: pl.DataFrame, delimiter: str, width: int) -> pl.DataFrame:
    """Cut records into cells; those with a quoted cell are read with quotes, the others byte for byte."""
    quoted = pl.col("text").str.contains(rf'(?:^|{_escaped(delimiter)}) *"')
    parts = [
        _cut(records.filter(~quoted), delimiter, width, quote=None),
        _cut(records.filter(quoted), delimiter, width, quote='"'),
    ]
    return pl.concat(parts).sort("line")


def _cut(records: pl.DataFrame, delimiter: str, width: int, *, quote: str | None) -> pl.DataFrame:
    names = [f"c{place}" for place in range(width)]
    if records.is_empty():
        return pl.DataFrame(schema={"line": pl.UInt32} | dict.fromkeys(names, pl.String))
    text = records["text"]
    if quote:  # spaces round a quoted cell would make the quotes part of it
        sep = _escaped(delimiter)
        text = text.str.replace_all(rf'(^|{sep}) +"', '${1}"').str.replace_all(rf'" +({sep}|$)', '"${1}')
    cells = pl.read_csv(
        io.BytesIO(("\n".join(text) + "\n").encode()),
        has_header=False,
        separator=delimiter,
        quote_char=quote,
        schema=dict.fromkeys(names, pl.String),
        infer_schema=False,
        truncate_ragged_lines=True,
        extra_columns="ignore",  # empty cells beyond the last column
    )
    assert cells.height == records.height, "every record is one row"
    return pl.concat([records.select(pl.col("line").cast(pl.UInt32)), cells], how="horizontal")


def _escaped(delimiter: str) -> str:
    return r"\t" if delimiter == "\t" else re.escape(delimiter)


def _without(frame: pl.DataFrame, bad: pl.Expr, reason: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the good rows, and the bad ones as line, input, reason."""
    left_out = frame.filter(bad).select(pl.col("line").cast(pl.UInt32), input="text", reason=pl.lit(reason))
    return frame.filter(~bad), left_out


def _no_bad() -> pl.DataFrame:
    return pl.DataFrame(schema={"line": pl.UInt32, "input": pl.String, "reason": pl.String})
