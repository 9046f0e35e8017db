"""Forms (`a=1&b=2`, application/x-www-form-urlencoded after the URL Standard) as JSON objects, in columns."""

from __future__ import annotations

from urllib.parse import unquote

import polars as pl

_HEX = "^[0-9A-Fa-f]{2}"
_NEXT = "[89ab]."  # a byte that goes on: 80 to bf
_UTF8 = (  # RFC 3629, section 4, over lower-case hexadecimal
    f"^(?:[0-7].|(?:c[2-9a-f]|d.){_NEXT}|(?:e0[ab].|e[1-9abcef]{_NEXT}|ed[89].){_NEXT}"
    f"|(?:f0[9ab].|f[1-3]{_NEXT}|f48.){_NEXT}{_NEXT})*$"
)


def forms_as_json(bodies: pl.Series) -> pl.Series:
    """Return bodies with every form as a JSON object of texts; JSON bodies are left alone.

    Of a key that comes twice the last value counts; a key without a value has an empty one.
    """
    text = bodies.cast(pl.String)
    forms = text.str.contains(r"^[\w.]+=") & ~text.str.contains(r"^\s*[\[{]")
    if not forms.any():
        return text
    return text.scatter(forms.arg_true(), _objects(text.filter(forms)))


def _objects(forms: pl.Series) -> pl.Series:
    """One row for each field, decoded, and back together as one object for each form."""
    fields = (
        forms.str.split("&").alias("field").to_frame().with_row_index("form").explode("field")
        .filter(pl.col("field") != "")
        .select("form", pl.col("field").str.splitn("=", 2).struct.rename_fields(["name", "value"]))
        .unnest("field")
    )  # fmt: skip
    decoded = fields.select(
        "form", name=_decoded(fields["name"]), value=_decoded(fields["value"].fill_null(""))
    ).unique(["form", "name"], keep="last", maintain_order=True)
    return (
        decoded.group_by("form", maintain_order=True)
        .agg(pl.format("{}: {}", _quoted("name"), _quoted("value")).str.join(", ").alias("object"))
        .select(pl.concat_str(pl.lit("{"), "object", pl.lit("}")))
        .to_series()
    )


def _quoted(column: str) -> pl.Expr:
    """A text as JSON writes it: that of an object with this one field, without what is around it."""
    return pl.struct(v=column).struct.json_encode().str.strip_prefix('{"v":').str.strip_suffix("}")


def _decoded(text: pl.Series) -> pl.Series:
    """Read + as a space and %XX as a byte of UTF-8; nearly every text has neither."""
    plain = text.str.replace_all("+", " ", literal=True)
    coded = plain.str.contains("%", literal=True)
    if not coded.any():
        return plain
    return plain.scatter(coded.arg_true(), _unquoted(plain.filter(coded)))


def _unquoted(text: pl.Series) -> pl.Series:
    """All bytes are written in hexadecimal and read back at once.

    Bytes that are no UTF-8 are mended one by one, as browsers do it; no gateway sends them.
    """
    piece = pl.element()
    byte = pl.concat_str(piece.str.slice(0, 2).str.to_lowercase(), piece.str.slice(2).str.encode("hex"))
    bare = pl.concat_str(pl.lit("25"), piece.str.encode("hex"))
    pieces = text.alias("text").to_frame().select(pl.col("text").str.split("%"))
    told = pieces.select(
        pl.concat_str(
            pl.col("text").list.first().str.encode("hex"),
            pl.col("text").list.slice(1).list.eval(
                pl.when(piece.str.contains(_HEX)).then(byte).otherwise(bare)
            ).list.join(""),
        )
    ).to_series()  # fmt: skip
    good = told.str.contains(_UTF8)
    decoded = pl.Series("text", [None], dtype=pl.String).new_from_index(0, text.len())
    decoded = decoded.scatter(good.arg_true(), told.filter(good).str.decode("hex").cast(pl.String))
    return decoded.scatter(
        (~good).arg_true(), [unquote(one, errors="replace") for one in text.filter(~good).to_list()]
    )
