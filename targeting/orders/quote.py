"""What a send costs before it is sent: the recipient set with merged texts and parts,
and its price (R1.10, R1.65).

The set made here is the one that is written to the lake, so that what was approved is what is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from data.errors import Refused
from data.rules.merge import Template, parse_template
from data.rules.persian import listed
from data.rules.pricing import Tariff, price
from data.rules.pricing_columns import price_expr
from data.rules.sms import count_parts
from data.settings import settings
from targeting.texts import constant, emptied, fields_of, lacking, with_texts

LANGUAGES = {True: "ucs2", False: "gsm7"}
FIELDS_NAMED = 5  # fields a refusal names
SCHEMA: dict[str, Any] = {
    "pos": pl.UInt32, "msisdn": pl.UInt64, "text": pl.String, "ucs2": pl.Boolean, "parts": pl.UInt16,
    "price_rials": pl.Int64, "operator": pl.String, "bank": pl.Boolean,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    """Recipients of one operator whose text travels in one alphabet (`language`: gsm7 or ucs2)."""

    operator: str
    language: str
    recipients: int
    parts: int
    cost_rials: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What the customer pays, whole rials, and how it comes about."""

    recipients: int
    parts: int
    cost_rials: int
    by_operator: tuple[Share, ...]
    parts_spread: dict[int, int]  # parts of a message → recipients
    missing: int = 0  # recipients left out because a field has no value or their text would be empty

    def to_json(self) -> dict[str, Any]:
        """Return the quote as a JSON object."""
        return asdict(self) | {"parts_spread": {str(parts): n for parts, n in self.parts_spread.items()}}


def recipient_set(
    frame: pl.DataFrame, template: Template, tariff: Tariff, *, skip_missing: bool = False
) -> pl.DataFrame:
    """Return the set (SCHEMA) of `Built.frame`, positions 1…n in its order.

    Raises Refused for an empty or broken text, for a text of too many parts,
    and where recipients lack a field that has no fallback or would get an empty text
    (with `skip_missing` they are left out instead).
    """
    _refuse_strange_fields(frame, template)
    made = with_texts(frame, template, tariff.sizes)
    if made["missing"].any():
        if not skip_missing:
            raise _unfilled(frame, template)
        made = made.filter(~pl.col("missing"))
    recipients = made.with_columns(
        price_expr(tariff), pos=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32)
    ).select([pl.col(name).cast(kind) for name, kind in SCHEMA.items()])
    _refuse_long(recipients)
    assert recipients["msisdn"].n_unique() == recipients.height, "a number stands once in a set"
    return recipients


def _refuse_strange_fields(frame: pl.DataFrame, template: Template) -> None:
    """Where people bring columns, a field that names none of them is a slip, fallback or not."""
    have = fields_of(frame)
    strange = [name for name in template.fields if name not in have] if have else []
    if strange:
        columns, columns_fa = ", ".join(sorted(have)), listed([f"«{name}»" for name in sorted(have)], "و")
        raise Refused(
            "text", f"there is no column {strange[0]!r}; the columns are {columns}",
            f"ستونی با نام «{strange[0]}» نیست؛ ستون‌ها: {columns_fa}",
        )  # fmt: skip


def quote(recipients: pl.DataFrame, *, missing: int = 0) -> Quote:
    """Return the price of a recipient set; `missing` says how many were left out of it."""
    shares = recipients.group_by("operator", "ucs2").agg(
        recipients=pl.len(),
        parts=pl.col("parts").cast(pl.Int64).sum(),
        cost_rials=pl.col("price_rials").sum(),
    ).sort("operator", "ucs2")  # fmt: skip
    spread = recipients["parts"].value_counts().sort("parts")
    return Quote(
        recipients=recipients.height,
        parts=int(shares["parts"].sum()),
        cost_rials=int(shares["cost_rials"].sum()),
        by_operator=tuple(
            Share(row["operator"], LANGUAGES[row["ucs2"]], row["recipients"], row["parts"], row["cost_rials"])
            for row in shares.iter_rows(named=True)
        ),
        parts_spread=dict(spread.iter_rows()),
        missing=missing,
    )


def by_operator(recipients: pl.DataFrame) -> list[dict[str, Any]]:
    """Return a recipient set's shares as JSON objects: operator, language, recipients, parts, cost_rials."""
    return [asdict(share) for share in quote(recipients).by_operator]


def quote_count(by_operator: Mapping[str, int], template: Template, tariff: Tariff) -> Quote:
    """Return the price of a text without fields for so many recipients (`Count.selected_by_operator`):
    no set is built.
    """
    if template.fields:
        raise Refused(
            "text",
            "a text with fields is priced on its set",
            "هزینه متن دارای فیلد از روی خود مجموعه حساب می‌شود",
        )
    counted = count_parts(constant(template), tariff.sizes)
    _refuse_parts(counted.parts)
    each = price(counted.parts, counted.encoding == "ucs2", tariff)
    shares = tuple(
        Share(operator, counted.encoding, n, n * counted.parts, n * each)
        for operator, n in sorted(by_operator.items())
        if n
    )
    n = sum(share.recipients for share in shares)
    return Quote(n, n * counted.parts, n * each, shares, {counted.parts: n} if n else {})


def missing_people(frame: pl.DataFrame, template: Template) -> int:
    """Return to how many of `Built.frame` the text cannot go: a field has no value, or nothing is left."""
    return lacking(frame, template)


def _unfilled(frame: pl.DataFrame, template: Template) -> Refused:
    counts = {name: lacking(frame, parse_template(f"{{{name}}}")) for name in template.needed}
    short = [(name, n) for name, n in counts.items() if n][:FIELDS_NAMED]
    if not short:
        return _emptied(frame, template)
    people = "; ".join(f"{n:,} {'person has' if n == 1 else 'people have'} no {name}" for name, n in short)
    people_fa = "؛ ".join(f"{n:,} نفر «{name}» {'ندارد' if n == 1 else 'ندارند'}" for name, n in short)
    name = short[0][0]
    return Refused(
        "text", f"{people}: write {{{name}|…}} with a fallback, fill the column, or leave them out",
        f"{people_fa}: جایگزین بنویسید ({{{name}|…}})، ستون را پر کنید یا ردیف بی‌مقدار را کنار بگذارید",
    )  # fmt: skip


def _emptied(frame: pl.DataFrame, template: Template) -> Refused:
    n = emptied(frame, template)
    name = template.fields[0]
    people = f"{n:,} {'person' if n == 1 else 'people'}"
    return Refused(
        "text",
        f"{people} would get an empty text: write {{{name}|…}} with a fallback that can be seen, words round "
        "the field, or leave them out",
        f"متن {n:,} نفر خالی می‌ماند: جایگزینی بنویسید که دیده شود ({{{name}|…}})، واژه‌هایی کنار فیلد بگذارید "
        "یا ردیف بی‌مقدار را کنار بگذارید",
    )


def _refuse_long(recipients: pl.DataFrame) -> None:
    if recipients.height:
        longest: int = recipients.select(pl.col("parts").max()).item()
        _refuse_parts(longest, int((recipients["parts"] > settings().sms.max_parts).sum()))


def _refuse_parts(parts: int, people: int = 0) -> None:
    most = settings().sms.max_parts
    if parts > most:
        en, fa = (f" for {people:,} people", f" برای {people:,} نفر") if people else ("", "")
        raise Refused(
            "text", f"the text has {parts} parts{en}; shorten it to {most} or fewer",
            f"متن{fa} {parts} بخش دارد؛ آن را به {most} بخش یا کمتر برسانید",
        )  # fmt: skip
