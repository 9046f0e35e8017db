"""Kavenegar's words and forms: its code tables, what a call's fields hold, how it writes a number."""

from __future__ import annotations

import orjson
import polars as pl

from gateways import wire_json
from gateways.gateway import Outgoing
from gateways.settings import Code

ADDRESS = "https://api.kavenegar.com"
SEND_MAX, STATUS_MAX = 200, 500  # documented limits of one call
LOOK_UP_SECONDS = 12 * 3600.0  # our ids are remembered so long, by public descriptions
STATUS_SECONDS = 48 * 3600.0  # what became of a message is asked for so long; later nothing new is told
ACCEPTED = ("1", "2", "4", "5", "10")
STATES = {
    "1": "queued", "2": "queued", "4": "submitted", "5": "at_operator", "6": "failed", "10": "delivered",
    "11": "undelivered", "13": "cancelled", "14": "blacklisted", "100": "unknown",
}  # fmt: skip
UNKNOWN_ID = "100"
REFUSED = {code: Code(state=STATES[code]) for code in ("6", "11", "13", "14")}
_LINE = Code(outcome="notsent", state="failed", stops_line=True)
_LATER = Code(outcome="notsent", state="failed")
_CALL = Code(outcome="rej", state="rejected")
_LOST = Code(outcome="amb")
RETURNS = {
    "400": _CALL,
    "401": _LINE,
    "402": _LOST,
    "403": _LINE,
    "404": _CALL,
    "405": _CALL,
    "406": _CALL,
    "407": _LINE,
    "409": _LOST,
    "411": _CALL,
    "412": _LINE,
    "413": _CALL,
    "414": _CALL,
    "415": _CALL,
    "416": _LINE,
    "417": _CALL,
    "418": _LINE,
    "419": _CALL,
    "420": _CALL,
    "422": _CALL,
    "424": _CALL,
    "426": _LINE,
    "427": _LINE,
    "428": _CALL,
    "429": _LATER,
    "431": _CALL,
    "432": _CALL,
    "451": _LATER,
    "501": _LINE,
}  # fmt: skip  - 402 "operation failed" and 409 "cannot answer now" do not say that nothing was accepted
_TEXTS = ("messageid", "status", "receptor", "localid", "message", "sender", "date")
ENTRY = pl.Schema(dict.fromkeys(_TEXTS, pl.String()))
DLR = pl.Struct({"messageid": pl.String, "status": pl.String})
MO = pl.Struct(
    dict.fromkeys(("messageid", "from", "to", "message", "sender", "receptor", "date"), pl.String)
)
_ENVELOPE = r'^\s*\{.*"entries"\s*:'


def entries_told(bodies: pl.Series) -> pl.Series:
    """Return bodies with every answer of theirs, `{"return": …, "entries": […]}`, as the list of its entries;
    an entry with status UNKNOWN_ID tells nothing. Other bodies are left alone.
    """
    text = bodies.cast(pl.String)
    answers = text.str.contains("(?s)" + _ENVELOPE)
    if not answers.any():
        return text
    return text.scatter(answers.arg_true(), [_entries(one) for one in text.filter(answers)])


def _entries(body: str) -> str:
    """One answer holds hundreds of messages; one that is none of theirs stays as it is."""
    try:
        told = orjson.loads(body.strip("\ufeff \r\n\t"))
    except ValueError:
        return body
    entries = told.get("entries") if isinstance(told, dict) else None
    if not isinstance(entries, list) or not entries or not all(isinstance(one, dict) for one in entries):
        return body
    known = [one for one in entries if str(one.get("status")) != UNKNOWN_ID]
    return orjson.dumps(known).decode()


def local_id(run_id: int) -> pl.Expr:
    """The message id run_id << 32 | pos (decisions 10)."""
    return pl.lit(run_id << 32, pl.Int64) + pl.col("pos").cast(pl.Int64)


def send_form(outgoing: Outgoing) -> dict[str, str]:
    """Fields of sms/send: one text, receptors and local ids joined with commas."""
    said = outgoing.messages.select(
        receptor().str.join(","), local_id(outgoing.run_id).cast(pl.String).str.join(",")
    )
    receptors, ids = said.row(0)
    return {
        "sender": outgoing.line, "receptor": receptors, "localid": ids,
        "message": outgoing.messages.item(0, "text"),
    }  # fmt: skip


def array_form(outgoing: Outgoing) -> dict[str, str]:
    """Fields of sms/sendarray: four JSON lists of one length."""
    lists = outgoing.messages.select(
        pl.lit(outgoing.line).alias("sender"), receptor().alias("receptor"), pl.col("text").alias("message"),
        local_id(outgoing.run_id).cast(pl.String).alias("localmessageids"),
    )  # fmt: skip
    return {name: wire_json.json_list(lists.get_column(name)) for name in lists.columns}


def receptor() -> pl.Expr:
    """Our number as it is dialled in Iran (09…); any other country's with 00."""
    text = pl.col("msisdn").cast(pl.String)
    local = pl.concat_str(pl.lit("0"), text.str.slice(2))
    abroad = pl.concat_str(pl.lit("00"), text)
    return pl.when(text.str.starts_with("98")).then(local).otherwise(abroad).alias("receptor")


def msisdn_of(column: str) -> pl.Expr:
    """A receptor in any of the forms it is written in, as digits 98…"""
    text = pl.col(column).str.strip_prefix("+").str.strip_prefix("00")
    local = pl.when(text.str.starts_with("0")).then("98" + text.str.slice(1)).otherwise(text)
    return pl.when(local.str.len_chars() == 10).then("98" + local).otherwise(local)


def ok_of(status: pl.Expr) -> pl.Expr:
    """True for an accepted message, false for a refused one, null for a status that says neither."""
    refused = status.is_in(list(REFUSED))
    return pl.when(status.is_in(ACCEPTED)).then(True).when(refused).then(False).otherwise(None)


def taken_of(status: pl.Expr) -> pl.Expr:
    """Say of a message that is looked up whether it was accepted; null for a status that says neither.

    By now its status may be of any later moment (delivered, failed, blocked): who has an id was accepted.
    """
    known = status.is_in([code for code in STATES if code != UNKNOWN_ID])
    refused = given_id().is_null() & status.is_in(list(REFUSED))
    return pl.when(refused).then(False).when(known).then(True).otherwise(None)


def given_id() -> pl.Expr:
    """The gateway's id of a message; null where it gave none (absent, empty or 0)."""
    gid = pl.col("messageid")
    return pl.when(~gid.is_in(["", "0"])).then(gid)


def state_of(status: pl.Expr) -> pl.Expr:
    """Our word for theirs; null for a word that is not in the table."""
    return status.replace_strict(STATES, default=None, return_dtype=pl.String)


def shaped(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """Add the columns that this gateway does not tell, in the order of the schema."""
    absent = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
    return frame.with_columns(absent).select(schema.names()).cast(dict(schema))  # type: ignore[arg-type]
