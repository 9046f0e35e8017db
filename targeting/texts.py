"""The texts of a whole set and their parts, in one streaming pass over its columns."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import polars as pl

from data.errors import Refused
from data.rules.merge import Template, parse_template
from data.rules.merge_columns import merged, missing
from data.rules.sms import PartSizes, count_parts
from data.rules.sms_columns import PARTS_LIMIT, with_parts
from data.rules.unseen import FILLERS, control_at, is_blank

OWN_COLUMNS = ("msisdn", "operator", "bank", "order_key")
LAST_OF_BMP = "\uffff"
_BLANK = rf"^[\p{{Z}}\p{{Cc}}\p{{Cf}}{FILLERS}]*$"  # what `unseen.is_blank` says, for a column


def checked(text: object) -> Template:
    """Return the template of a text; raise Refused where it is empty, unreadable for a phone or broken."""
    if not isinstance(text, str) or is_blank(text):
        raise Refused(
            "text", "write a text: this one holds nothing that can be seen",
            "متن پیام را بنویسید: این متن چیزی که دیده شود ندارد",
        )  # fmt: skip
    place = control_at(text)
    if place is not None:
        code = f"U+{ord(text[place]):04X}"
        raise Refused(
            "text", f"character {place + 1} is a control character ({code}) that no phone shows; delete it",
            f"نویسه {place + 1} نویسه کنترلی ({code}) است و در هیچ گوشی دیده نمی‌شود؛ آن را پاک کنید",
        )  # fmt: skip
    return parse_template(text)


def with_texts(frame: pl.DataFrame, template: Template, sizes: PartSizes) -> pl.DataFrame:
    """Return msisdn, operator, bank, text, missing, ucs2, parts of `Built.frame`, in its order.

    `missing` says that a field without fallback has no value, or that all of them leave the text empty;
    such a text is not to be sent.
    """
    fields = fields_of(frame)
    made = frame.lazy().select(
        "msisdn", "operator", "bank", merged(template, fields), _unfit(template, fields).alias("missing")
    )
    known = _known_parts(frame, template, sizes)
    if known:
        return made.with_columns(known).collect(engine="streaming")
    return with_parts(made.collect(engine="streaming"), "text", sizes)


def fields_of(frame: pl.DataFrame) -> AbstractSet[str]:
    """Return the names of the merge fields of `Built.frame`."""
    return set(frame.columns) - set(OWN_COLUMNS)


def lacking(frame: pl.DataFrame, template: Template) -> int:
    """Return how many of `Built.frame` lack a value of some field that has no fallback, or would get an
    empty text.
    """
    return int(frame.select(_unfit(template, fields_of(frame)).sum()).item() or 0)


def emptied(frame: pl.DataFrame, template: Template) -> int:
    """Return how many of `Built.frame` lack no field and would get an empty text all the same."""
    fields = fields_of(frame)
    return int(frame.select((_empty(template, fields) & ~missing(template, fields)).sum()).item() or 0)


def constant(template: Template) -> str:
    """Return the text of a template without fields."""
    return "".join(str(piece) for piece in template.pieces)


def _unfit(template: Template, fields: AbstractSet[str]) -> pl.Expr:
    lacks = missing(template, fields)
    return lacks | _empty(template, fields) if _may_be_empty(template) else lacks


def _empty(template: Template, fields: AbstractSet[str]) -> pl.Expr:
    return merged(template, fields).str.contains(_BLANK)


def _may_be_empty(template: Template) -> bool:
    """One letter outside the fields is seen by everybody; so it is in nearly every text."""
    return all(is_blank(piece) for piece in template.pieces if isinstance(piece, str))


def _known_parts(frame: pl.DataFrame, template: Template, sizes: PartSizes) -> list[pl.Expr]:
    """Return `ucs2` and `parts` where nobody's text has to be looked into; else nothing.

    So it is where one text goes to all, and where the text's own letters force UCS-2 on everybody while no
    value holds a character of two units: then a message's length says it all.
    """
    if not template.fields:
        same = count_parts(constant(template), sizes)
        parts = pl.lit(min(same.parts, PARTS_LIMIT))
        return [pl.lit(same.encoding == "ucs2").alias("ucs2"), parts.cast(pl.UInt16).alias("parts")]
    literal = "".join(piece for piece in template.pieces if isinstance(piece, str))
    fallbacks = "".join(piece.fallback or "" for piece in template.pieces if not isinstance(piece, str))
    used = frame.select(fields_of(frame) & set(template.fields))
    if count_parts(literal).encoding == "gsm7" or max(literal + fallbacks) > LAST_OF_BMP or _astral(used):
        return []
    units = pl.col("text").str.len_chars()
    several = (units + sizes.ucs2_part - 1) // sizes.ucs2_part
    parts = pl.when(units <= sizes.ucs2_single).then(1).otherwise(several).clip(upper_bound=PARTS_LIMIT)
    return [pl.lit(True).alias("ucs2"), parts.cast(pl.UInt16).alias("parts")]


def _astral(values: pl.DataFrame) -> bool:
    """Say whether some value holds a character beyond U+FFFF, which UTF-8 begins with a byte from F0 on."""
    texts = [values[name].cast(pl.String) for name in values.columns]
    wide = [text for text in texts if not (text.str.len_bytes() == text.str.len_chars()).all()]
    raw = [text.unique().cast(pl.Binary).bin for text in wide]  # names and places repeat: few are looked into
    return any(bool(one.contains(bytes([first])).any()) for one in raw for first in range(0xF0, 0xF5))
