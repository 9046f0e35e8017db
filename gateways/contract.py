"""The contract of docs/gateways.md (decisions 22) from our side, shared by `http` and `simulator`.

Bodies are built and answers read in columns; an answer is matched by number, never by position, and counts
only when it names each of our messages exactly once (attacks B05, B06).
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np
import polars as pl

from data import clock
from data.errors import Retryable
from gateways import codes, http, wire_json
from gateways.gateway import Answer, Capabilities, Outcome, Outgoing
from gateways.settings import Code, GatewaySettings

CODES = {
    "blacklist": Code(outcome="rej", state="blacklisted"),
    "invalid_number": Code(outcome="rej", state="rejected"),
    "bad_text": Code(outcome="rej", state="rejected"),
    "no_credit": Code(outcome="notsent", state="failed", stops_line=True),
    "throttled": Code(outcome="notsent", state="failed"),
}
WORDS = {
    "blacklist": ("شماره در لیست سیاه است", "the number is on the blacklist"),
    "invalid_number": ("شماره معتبر نیست", "the number is not valid"),
    "bad_text": ("متن پذیرفته نیست", "the text is not accepted"),
    "no_credit": ("اعتبار کافی نیست", "the credit is not enough"),
    "throttled": ("درخواست‌ها بیش از اندازه است؛ بعداً تلاش کنید", "too many calls; try again later"),
}
RESULTS_ONLY = b'{"results":['
RESULT = pl.Schema({"to": pl.String(), "ok": pl.Boolean(), "id": pl.String(), "code": pl.String()})


@dataclass(frozen=True, slots=True)
class Contract:
    """One gateway that speaks the contract: its address, its key, its table of codes."""

    base: str
    token: str
    capabilities: Capabilities
    codes: dict[str, Code]

    def send(self, outgoing: Outgoing, *, deadline_at: float) -> Answer:
        """POST {base}/send once."""
        return self._call("/send", deadline_at, label=outgoing.ref, body=send_body(outgoing))

    def judge(self, sent: Sequence[tuple[Outgoing, Answer]]) -> list[Outcome]:
        """Say what each answer to a send proves; those that accept everything are read together."""
        done = {} if "200" in self.codes else _all_accepted(sent)
        return [
            codes.accepted(answer, done[place]) if place in done else self._understood(answer, outgoing)
            for place, (outgoing, answer) in enumerate(sent)
        ]

    def look_up(self, outgoing: Outgoing) -> Outcome | None:
        """GET {base}/lookup?ref= once. None for a class that offers no look-up."""
        if self.capabilities.gateway_class == "G0":
            return None
        deadline_at = clock.monotonic() + self.capabilities.deadline_seconds
        answer = self._call(f"/lookup?ref={quote(outgoing.ref, safe='')}", deadline_at, label=outgoing.ref)
        if answer.kind != "answered" or answer.status != 200:
            return http.outcome("amb", answer, f"look-up failed: {answer.why}")
        found = wire_json.decoded(answer).get("found")
        if found is False:
            return http.outcome("rej", answer, "the gateway does not know this reference", code="not_found")
        if found is not True:
            return http.outcome("amb", answer, "the answer to the look-up is not of the contract")
        return self._understood(answer, outgoing)

    def credit(self) -> int:
        """GET {base}/balance, in rial; raises Retryable."""
        deadline_at = clock.monotonic() + self.capabilities.deadline_seconds
        answer = self._call("/balance", deadline_at, label="balance")
        told = wire_json.decoded(answer).get("balance_rials") if answer.status == 200 else None
        if answer.kind != "answered" or not isinstance(told, int):
            why = f"the gateway did not tell its balance ({answer.why})"
            raise Retryable(why, "درگاه ماندهٔ خود را نگفت؛ دوباره بپرسید")
        return told

    def _call(self, path: str, deadline_at: float, *, label: str, body: bytes | None = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return http.call(
            http.Call(
                "GET" if body is None else "POST", self.base + path, deadline_at, label, body=body,
                headers=headers, fresh=self.capabilities.gateway_class == "G0",
            )
        )  # fmt: skip

    def _understood(self, answer: Answer, outgoing: Outgoing) -> Outcome:
        """Turn an answer to send or look-up into an outcome (protocol.md 2.4)."""
        told = codes.by_body(answer, self.codes)
        if told is not None:
            return told
        refused = http.refusal(answer)
        if refused is not None:
            return refused
        said = wire_json.listed(answer, RESULT, "results")
        if said is None:
            return http.outcome("amb", answer, "HTTP 200 whose body is not of the contract")
        results = codes.matched(said, _named_by(said, outgoing))
        if results is None:
            return http.outcome("amb", answer, "the answer does not name each message exactly once")
        return codes.judged(answer, results, self.codes)


def _all_accepted(sent: Sequence[tuple[Outgoing, Answer]]) -> dict[int, pl.DataFrame]:
    """Read the answers that hold results and nothing else in one go.

    Returns the results of those that accept each message in the order it was sent in, by their place in
    `sent`; whatever else a body says is left to a closer look.
    """
    plain = [
        (place, outgoing.messages, body) for place, (outgoing, answer) in enumerate(sent)
        if (answer.kind, answer.status) == ("answered", 200)
        and (body := wire_json.plain(answer)).startswith(RESULTS_ONLY)
    ]  # fmt: skip
    try:
        bodies = io.BytesIO(b"[%b]" % b",".join(body for _, _, body in plain))
        lists = pl.read_json(bodies, schema={"results": pl.List(pl.Struct(RESULT))}).get_column("results")
    except pl.exceptions.PolarsError:
        return {}
    sizes = pl.Series([messages.height for _, messages, _ in plain], dtype=pl.UInt32)
    if lists.len() != len(plain) or not lists.list.len().equals(sizes) or not plain:
        return {}
    rows = lists.explode().struct.unnest().with_columns(
        pl.concat([messages.select("pos", "msisdn") for _, messages, _ in plain]).get_columns()
    ).with_columns(call=pl.lit(np.repeat(np.arange(len(plain)), sizes)))  # fmt: skip
    good = (
        pl.col("ok")
        & pl.col("id").is_not_null()
        & (pl.col("to").cast(pl.UInt64, strict=False) == pl.col("msisdn"))
    )
    whole = rows.group_by("call").agg(good.fill_null(value=False).all().alias("good")).filter("good")
    results = rows.select("pos", "ok", gid="id", code=pl.lit(None, pl.String), state=pl.lit("submitted"))
    starts = sizes.cum_sum().to_list()
    return {
        plain[call][0]: results.slice(starts[call] - plain[call][1].height, plain[call][1].height)
        for call in whole.get_column("call").to_list()
    }


def _named_by(said: pl.DataFrame, outgoing: Outgoing) -> pl.DataFrame:
    """Return the messages, and those left out since whom the answer names nevertheless."""
    if outgoing.left_out is None or outgoing.left_out.is_empty():
        return outgoing.messages
    numbers = said.get_column("to").cast(pl.UInt64, strict=False).implode()
    named = outgoing.left_out.filter(pl.col("msisdn").is_in(numbers))
    return pl.concat([outgoing.messages.select("pos", "msisdn"), named.select("pos", "msisdn")])


def of(given: GatewaySettings) -> Contract:
    """Make the contract's client from settings; the settings' codes are added to the contract's own."""
    return Contract(
        base=given.base.rstrip("/"),
        token=given.token.get_secret_value(),
        capabilities=given.capabilities(),
        codes=CODES | given.codes,
    )


def send_body(outgoing: Outgoing) -> bytes:
    """Return the JSON body of a send: {"ref", "line", "messages": [{"to", "text", "parts"}]}."""
    rows, body = outgoing.messages, io.BytesIO()
    to = rows.get_column("msisdn").cast(pl.String).alias("to")
    head = json.dumps({"ref": outgoing.ref, "line": outgoing.line}, ensure_ascii=False)
    body.write(f'{head[:-1]},"messages":'.encode())
    pl.DataFrame([to, rows.get_column("text"), rows.get_column("parts")]).write_json(body)
    body.write(b"}")
    return body.getvalue()


def words_of(code: str) -> tuple[str, str] | None:
    """Return the contract's words for a code, Persian and English; None for one it does not have."""
    return WORDS.get(code)
