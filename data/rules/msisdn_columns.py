"""Numbers in columns: what `msisdn.parse` says of each text, with a short way for those written plainly."""

from __future__ import annotations

import polars as pl

from data.rules import msisdn as rule
from data.rules.operators_columns import is_mobile_column

_BASE = int(rule.COUNTRY_CODE) * 10**rule.NATIONAL_DIGITS
_FIRST, _LAST = _BASE + 9 * 10 ** (rule.NATIONAL_DIGITS - 1), _BASE + 10**rule.NATIONAL_DIGITS - 1
_LOW, _HIGH = rule.FOREIGN_DIGITS


def parse_column(values: pl.Series, region: str = "IR") -> pl.DataFrame:
    """Return `msisdn` UInt64 and `reason` String (a key of REASONS), a row for each value; one is null.

    A null value is empty. Of a region other than Iran each distinct text is read once.
    """
    rows = pl.DataFrame({"text": values.cast(pl.String).fill_null("")})
    if region != "IR":
        return _by_library(_cleaned(rows), region)
    msisdn = _plainly_written(rows)
    rest = rows.with_row_index("at").filter(msisdn.is_null())
    return _joined(msisdn, rest["at"], _by_rule(_cleaned(rest)))


def _plainly_written(rows: pl.DataFrame) -> pl.Series:
    """Return the numbers of 09…, 9…, 98… and +98… in ASCII digits; null for all that needs a closer look."""
    text, size = pl.col("text"), pl.col("size")
    local = ((size == 11) & text.str.starts_with("0")) | ((size == 10) & text.str.starts_with("9"))
    abroad = ((size == 12) & text.str.starts_with("98")) | ((size == 13) & text.str.starts_with("+98"))
    digits = text.cast(pl.UInt64, strict=False)
    # Each step is a column of its own: nested, Polars would compute the inner ones again for every use.
    found = (
        rows.with_columns(size=text.str.len_bytes(), digits=digits)
        .select(msisdn=pl.when(local).then(pl.col("digits") + _BASE).when(abroad).then("digits"))
        .with_columns(pl.when(pl.col("msisdn").is_between(_FIRST, _LAST)).then("msisdn"))
        .with_columns(mobile=is_mobile_column(pl.col("msisdn")))
    )
    return found.select(pl.when("mobile").then("msisdn")).to_series()


def _cleaned(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `rows` with `cleaned` (ASCII digits, no separators) and `refused` (why it is no number)."""
    text, cleaned = pl.col("text"), pl.col("cleaned")
    ascii_only = text.str.len_bytes() == text.str.len_chars()
    if not rows.select(ascii_only.all()).item():
        rows = rows.with_columns(text=text.str.replace_many(list(rule.DIGITS_FROM), list(rule.DIGITS_TO)))
    if rows.select(text.str.contains(rule.FLOAT_TAIL).any()).item():
        rows = rows.with_columns(text=text.str.replace(rule.FLOAT_TAIL, "$1"))
    rows = rows.with_columns(cleaned=text.str.replace_all(rule.SEPARATORS, ""))
    reason = (
        pl.when(text.str.len_chars() > rule.TEXT_MAX_CHARS).then(pl.lit("not_a_number"))
        .when(cleaned == "").then(pl.lit("empty"))
        .when(cleaned.str.contains(rule.DIGITS_ONLY)).then(pl.lit(None, pl.String))
        .when(cleaned.str.contains(rule.SCIENTIFIC)).then(pl.lit("scientific"))
        .otherwise(pl.lit("not_a_number"))
    )  # fmt: skip
    return rows.with_columns(refused=reason)


def _by_rule(rows: pl.DataFrame) -> pl.DataFrame:
    """Read `cleaned` as dialled in Iran: the same steps as the scalar, a column each."""
    cleaned, code = pl.col("cleaned"), rule.COUNTRY_CODE
    full = len(code) + rule.NATIONAL_DIGITS
    international = (
        pl.when(cleaned.str.starts_with("+")).then(cleaned.str.slice(1))
        .when(cleaned.str.starts_with("00")).then(cleaned.str.slice(2))
        .when(cleaned.str.starts_with(code) & (cleaned.str.len_bytes() >= full)).then(cleaned)
    )  # fmt: skip
    rows = rows.with_columns(international=international)
    found_abroad = pl.col("international")
    at_home = found_abroad.str.starts_with(code)
    rows = rows.with_columns(
        abroad=pl.when(~at_home).then(found_abroad),
        national=pl.when(at_home).then(found_abroad.str.slice(len(code)).str.strip_prefix("0"))
        .when(found_abroad.is_null()).then(cleaned.str.strip_prefix("0")),
    )  # fmt: skip
    ten_digits = pl.col("national").str.len_bytes() == rule.NATIONAL_DIGITS
    number = pl.col("national").cast(pl.UInt64, strict=False) + _BASE
    rows = rows.with_columns(msisdn=pl.when(pl.col("refused").is_null() & ten_digits).then(number))
    rows = rows.with_columns(mobile=is_mobile_column(pl.col("msisdn")))
    return rows.select(
        msisdn=pl.when("mobile").then("msisdn"), reason=pl.when(~pl.col("mobile")).then(_reason())
    )


def _reason() -> pl.Expr:
    national, abroad = pl.col("national"), pl.col("abroad")
    digits, digits_abroad = national.str.len_bytes(), abroad.str.len_bytes()
    return (
        pl.when(pl.col("refused").is_not_null()).then(pl.col("refused"))
        .when((digits_abroad < _LOW) | (digits < rule.NATIONAL_DIGITS)).then(pl.lit("too_short"))
        .when((digits_abroad > _HIGH) | (digits > rule.NATIONAL_DIGITS)).then(pl.lit("too_long"))
        .when(abroad.is_not_null() & ~abroad.str.starts_with("0")).then(pl.lit("foreign"))
        .when(national.str.contains("^[1-8]")).then(pl.lit("landline"))
        .otherwise(pl.lit("unknown_prefix"))
    )  # fmt: skip


def _by_library(rows: pl.DataFrame, region: str) -> pl.DataFrame:
    texts = rows.filter(pl.col("refused").is_null())["cleaned"].unique()
    read = [rule.read_foreign(text, region) for text in texts]
    known = pl.DataFrame(
        {
            "cleaned": texts,
            "msisdn": pl.Series(
                [value if isinstance(value, int) else None for value in read], dtype=pl.UInt64
            ),
            "reason": pl.Series(
                [value if isinstance(value, str) else None for value in read], dtype=pl.String
            ),
        }
    )
    rows = rows.join(known, on="cleaned", how="left", maintain_order="left")
    stands = pl.col("refused").is_null()
    return rows.select(pl.when(stands).then("msisdn"), reason=pl.coalesce("refused", "reason"))


def _joined(msisdn: pl.Series, places: pl.Series, rest: pl.DataFrame) -> pl.DataFrame:
    reason = pl.repeat(None, len(msisdn), dtype=pl.String, eager=True)
    return pl.DataFrame(
        {
            "msisdn": msisdn.scatter(places, rest["msisdn"]),
            "reason": reason.scatter(places, rest["reason"]),
        }
    )
