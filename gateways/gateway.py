"""What an SMS gateway promises: one call in, one of four outcomes out (protocol.md 2.4, 2.5).

An adapter never retries, never guesses and never raises for what the other side did: whatever happened on
the wire comes back as an `Outcome`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import polars as pl

GatewayClass = Literal["G0", "G1", "G2"]
Kind = Literal["ok", "rej", "notsent", "amb"]

RESULTS = pl.Schema(
    {"pos": pl.UInt32(), "ok": pl.Boolean(), "gid": pl.String(), "code": pl.String(), "state": pl.String()}
)
RECEIPTS = pl.Schema(
    {
        "index": pl.UInt32(),
        "ref": pl.String(),
        "message_id": pl.Int64(),
        "to": pl.UInt64(),
        "gid": pl.String(),
        "status": pl.String(),
        "state": pl.String(),
        "part": pl.UInt16(),
        "at": pl.Datetime("us", "UTC"),
    }
)
INBOUND = pl.Schema(
    {
        "index": pl.UInt32(),
        "gid": pl.String(),
        "sender": pl.String(),
        "to": pl.String(),
        "text": pl.String(),
        "at": pl.Datetime("us", "UTC"),
    }
)
REJECTED = pl.Schema({"index": pl.UInt32(), "why": pl.String()})
BODY_HEAD_BYTES = 2_048


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a gateway offers and how patient we are with it."""

    gateway_class: GatewayClass
    bulk: int  # most messages in one call
    in_flight: int  # most calls of one line at once
    deadline_seconds: float  # one call, from its start to the last byte of its answer
    quiet_seconds: float  # G1: nothing of an old attempt can still arrive after this
    window_seconds: float  # G2: the same reference gives the same result for so long
    lookup_seconds: float | None = None  # G1: it remembers our references for so long; None = always


@dataclass(frozen=True, slots=True)
class Asking:
    """What a gateway wants to be asked for, since it does not bring it (or not surely)."""

    receipts_at_once: int = 0  # most of its ids in one question; 0 = it brings receipts
    receipts_seconds: float = 0.0  # how long after a message was sent it can still be asked what became of it
    inbound: bool = False  # what people wrote to a line is fetched, each message once


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One batch: `messages` has the columns pos UInt32, msisdn UInt64 (unique), text String, parts UInt16.

    `left_out` (pos, msisdn): who was in it when it was first called and opted out since; never sent, but a
    gateway that repeats its first answer under the same reference names them too.
    """

    ref: str
    run_id: int
    line: str
    messages: pl.DataFrame
    left_out: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What happened on the wire: answered (status, body), notsent (certainly), or lost (anything else)."""

    kind: Literal["answered", "notsent", "lost"]
    why: str
    status: int | None = None
    body: bytes = b""
    retry_after: str | None = None
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt proved.

    ok       every message is accounted for in `results` (schema RESULTS), at least one was accepted
    rej      certainly nothing was accepted, and trying again is useless; `results` says why for each message
             where the gateway named them, else it is None and `code` or `why` holds for all
    notsent  certainly nothing was accepted, the same call may be made later (`retry_after_seconds`);
             `stops_line` means that the line, not the messages, is at fault (key, credit)
    amb      anything else
    """

    kind: Kind
    why: str
    code: str | None = None
    http_status: int | None = None
    bytes: int | None = None
    body_head: str | None = None
    retry_after_seconds: float | None = None
    stops_line: bool = False
    results: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Receipts:
    """Parsed webhook bodies: `frame` (schema RECEIPTS or INBOUND) and `rejected` (index, why)."""

    frame: pl.DataFrame
    rejected: pl.DataFrame


class Gateway(Protocol):
    """An adapter: one file in gateways/sms and one line in `GATEWAYS`."""

    @property
    def name(self) -> str:
        """The name it is configured under: the one in `/gw/{name}/…`."""

    @property
    def capabilities(self) -> Capabilities:
        """Class, limits and patience, from its settings."""

    def submit(self, outgoing: Outgoing, *, deadline_at: float) -> Answer:
        """Make exactly one attempt; `deadline_at` is on `data.clock.monotonic()`. Runs in many threads."""

    def judge(self, sent: Sequence[tuple[Outgoing, Answer]]) -> list[Outcome]:
        """Say what each answer proves; a whole group of them is read at once, in columns."""

    def look_up(self, outgoing: Outgoing) -> Outcome | None:
        """Ask what became of a batch; None = this gateway cannot be asked.

        ok = found, rej with `results` = found and every message refused, rej with code "not_found" =
        certainly not there, amb = could not tell.
        """

    @property
    def asking(self) -> Asking:
        """What it must be asked for."""

    def ask_receipts(self, gids: pl.Series) -> Answer:
        """Ask what became of messages by the gateway's ids (at most `asking.receipts_at_once`); the body is
        for the spool and `parse_receipts`.
        """

    def ask_inbound(self, line: str) -> Answer:
        """Fetch what people wrote to a line and nobody fetched yet; the body is for the spool and
        `parse_inbound`.
        """

    @property
    def receipt_fields(self) -> tuple[str, ...]:
        """The fields that `receipts_of` reads."""

    def receipts_of(self, opened: pl.DataFrame) -> Receipts:
        """Read delivery receipts from bodies that are one JSON object each and were opened while the spool
        was read: `index` UInt32 and `receipt_fields` as text, null where a field is absent.
        """

    def parse_receipts(self, bodies: pl.Series) -> Receipts:
        """Read delivery receipts from raw webhook bodies (one body holds one receipt or a list)."""

    def parse_inbound(self, bodies: pl.Series) -> Receipts:
        """Read inbound messages from raw webhook bodies."""

    def credit(self) -> int:
        """Return what is left with the gateway, in rial; raises Retryable when it cannot be asked now."""
