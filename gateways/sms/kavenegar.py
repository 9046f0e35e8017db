"""Kavenegar (REST v1): send, sendarray, statuslocalmessageid, status, receive, account/info.

Every message carries our message id as `localid`, so a lost call can be looked up by it: class G1, as long as
Kavenegar remembers them. Receipts and inbound are pushed where the panel's webhooks are set, and asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

import polars as pl
from pydantic import Field, SecretStr, field_validator

from data import clock
from data.errors import Retryable
from data.invalid import Unacceptable
from gateways import codes, http, webhooks, wire_json
from gateways.adapter import Adapter, Limits
from gateways.forms import forms_as_json
from gateways.gateway import INBOUND, RECEIPTS, Answer, Asking, Capabilities, Outcome, Outgoing, Receipts
from gateways.kavenegar_wire import (
    ACCEPTED,
    ADDRESS,
    DLR,
    ENTRY,
    LOOK_UP_SECONDS,
    MO,
    REFUSED,
    RETURNS,
    SEND_MAX,
    STATUS_MAX,
    STATUS_SECONDS,
    array_form,
    entries_told,
    given_id,
    local_id,
    msisdn_of,
    ok_of,
    send_form,
    shaped,
    state_of,
    taken_of,
)  # fmt: skip
from gateways.settings import SECRET, GatewaySettings

LIMITS = Limits(
    best_class="G1", bulk=SEND_MAX, one_text=False, lookup_seconds=LOOK_UP_SECONDS, receipts_asked=True,
    inbound_asked=True,
)  # fmt: skip


class Settings(GatewaySettings):
    """`token` is the API key from the panel; `base` is known."""

    token: SecretStr = Field(SecretStr(""), validate_default=True, description="API key from the panel")
    lookup_s: float = Field(
        LOOK_UP_SECONDS, gt=0, le=LOOK_UP_SECONDS, description="it remembers our ids for so long, seconds"
    )
    ask_receipts: bool = Field(True, description="ask for receipts, besides those that are pushed")
    ask_inbound: bool = Field(True, description="fetch what people write, besides what is pushed")

    @field_validator("bulk")
    @classmethod
    def _fits_in_one_call(cls, given: int) -> int:
        """More than one call takes is what it takes."""
        return min(given, SEND_MAX)

    @field_validator("token")
    @classmethod
    def _is_a_key(cls, given: SecretStr) -> SecretStr:
        """Refuse what is no key, without showing it: it stands in the address of every call."""
        key = given.get_secret_value()
        if key and SECRET.fullmatch(key):
            return given
        raise Unacceptable(
            "write the API key from your Kavenegar panel: only A-Z, a-z, 0-9, - and _",
            "کلید API را از پنل کاوه‌نگار بنویسید: تنها A-Z، a-z، 0-9، - و _",
        )


class KavenegarGateway:
    """The line's name is the sender."""

    receipt_fields = tuple(field.name for field in DLR.fields)

    def __init__(self, name: str, given: Settings) -> None:
        self.name = name
        self.capabilities: Capabilities = given.capabilities()
        self.asking = Asking(
            STATUS_MAX if given.ask_receipts else 0, STATUS_SECONDS, inbound=given.ask_inbound
        )
        self._url = f"{(given.base or ADDRESS).rstrip('/')}/v1/{given.token.get_secret_value()}"
        self._returns = RETURNS | given.codes

    def submit(self, outgoing: Outgoing, *, deadline_at: float) -> Answer:
        """One call of sms/send where all texts are alike, else of sms/sendarray."""
        alike = outgoing.messages.get_column("text").n_unique() == 1
        method, form = ("send", send_form(outgoing)) if alike else ("sendarray", array_form(outgoing))
        return self._call(f"sms/{method}", form, outgoing.ref, deadline_at)

    def judge(self, sent: Sequence[tuple[Outgoing, Answer]]) -> list[Outcome]:
        """Read each answer's list of entries against the messages it was sent."""
        return [self._judged(outgoing, answer) for outgoing, answer in sent]

    def _judged(self, outgoing: Outgoing, answer: Answer) -> Outcome:
        said = self._entries(answer)
        if isinstance(said, Outcome):
            return said
        status = pl.col("status")
        rows = said.select(
            msisdn_of("receptor").alias("to"), ok_of(status).alias("ok"), pl.col("messageid").alias("id"),
            pl.when(~status.is_in(ACCEPTED)).then(status).alias("code"),
        )  # fmt: skip
        results = codes.matched(rows, outgoing.messages)
        if results is None:
            return http.outcome("amb", answer, "the answer does not name each message exactly once")
        return codes.judged(answer, results, REFUSED)

    def look_up(self, outgoing: Outgoing) -> Outcome | None:
        """Ask sms/statuslocalmessageid for every message; found or absent only if all of them are.

        What became of an accepted message since is no answer to the call: that is left to its receipt.
        """
        ids = outgoing.messages.select(local_id(outgoing.run_id).cast(pl.String)).to_series()
        deadline_at = clock.monotonic() + self.capabilities.deadline_seconds
        form = {"localid": ids.str.join(",").item()}
        answer = self._call("sms/statuslocalmessageid", form, outgoing.ref, deadline_at)
        said = self._entries(answer)
        if isinstance(said, Outcome):
            return http.outcome("amb", answer, f"look-up failed: {said.why}")
        if said.height and said.get_column("status").eq("100").all() and set(said["localid"]) == set(ids):
            return http.outcome("rej", answer, "none of these ids is known there", code="not_found")
        named = outgoing.messages.select("msisdn", local_id(outgoing.run_id).cast(pl.String).alias("localid"))
        rows = said.join(named, on="localid", how="left").select(
            pl.col("msisdn").cast(pl.String).alias("to"), taken_of(pl.col("status")).alias("ok"),
            given_id().alias("id"), pl.col("status").alias("code"),
        )  # fmt: skip
        results = codes.matched(rows, outgoing.messages)
        if results is None:
            return http.outcome("amb", answer, "the look-up does not name each message exactly once")
        return codes.judged(answer, results, REFUSED)

    def parse_receipts(self, bodies: pl.Series) -> Receipts:
        """Read webhook calls with messageid and status (a form, or a query kept as JSON), and answers to
        `ask_receipts`.
        """
        return self.receipts_of(*webhooks.exploded(forms_as_json(entries_told(bodies)), DLR))

    def receipts_of(self, opened: pl.DataFrame, rejected: pl.DataFrame = webhooks.NO_REJECTS) -> Receipts:
        """Read the fields of such calls; `rejected` ones go with those of them."""
        status = pl.col("status")
        frame = opened.select(
            "index", pl.col("messageid").alias("gid"), "status", state_of(status).alias("state")
        )
        good = pl.col("gid").is_not_null() & status.is_not_null()
        return webhooks.kept(shaped(frame, RECEIPTS), good, rejected, "no messageid or no status")

    def parse_inbound(self, bodies: pl.Series) -> Receipts:
        """Read webhook calls with from, to, message, messageid, and answers to `ask_inbound`, which call them
        sender and receptor and tell the moment.
        """
        rows, rejected = webhooks.exploded(forms_as_json(entries_told(bodies)), MO)
        epoch = pl.from_epoch(pl.col("date").cast(pl.Int64, strict=False))
        frame = rows.select(
            "index", pl.col("messageid").alias("gid"), pl.coalesce("from", "sender").alias("sender"),
            pl.coalesce("to", "receptor").alias("to"), pl.col("message").alias("text"),
            epoch.cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("at"),
        )  # fmt: skip
        good = pl.all_horizontal(pl.col("sender", "to", "text").is_not_null())
        return webhooks.kept(shaped(frame, INBOUND), good, rejected, "no sender, receiver or text")

    def credit(self) -> int:
        """account/info → remaincredit, rial; raises Retryable."""
        answer = self._call(
            "account/info", {}, "credit", clock.monotonic() + self.capabilities.deadline_seconds
        )
        entries = wire_json.decoded(answer).get("entries") if answer.status == 200 else None
        told = entries.get("remaincredit") if isinstance(entries, dict) else None
        if not isinstance(told, int):
            raise Retryable(f"the gateway did not tell its credit ({answer.why})", "درگاه اعتبار خود را نگفت")
        return told

    def ask_receipts(self, gids: pl.Series) -> Answer:
        """Ask sms/status for at most STATUS_MAX of its ids."""
        assert 0 < gids.len() <= STATUS_MAX
        return self._asked("sms/status", {"messageid": gids.cast(pl.String).str.join(",").item()})

    def ask_inbound(self, line: str) -> Answer:
        """Fetch what is unread on a line by sms/receive, which marks it as read."""
        return self._asked("sms/receive", {"linenumber": line, "isread": "0"})

    def _asked(self, method: str, form: dict[str, str]) -> Answer:
        """Ask; an answer that tells nothing has no body, one that nobody can read keeps what it has."""
        answer = self._call(method, form, method, clock.monotonic() + self.capabilities.deadline_seconds)
        told = wire_json.decoded(answer)
        return replace(answer, body=b"") if told.get("return") and not told.get("entries") else answer

    def _call(self, method: str, form: dict[str, str], label: str, deadline_at: float) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return http.call(
            http.Call(
                "POST", f"{self._url}/{method}.json", deadline_at, label, body=urlencode(form).encode(),
                headers=headers, fresh=self.capabilities.gateway_class == "G0",
            )
        )  # fmt: skip

    def _entries(self, answer: Answer) -> pl.DataFrame | Outcome:
        """Return the entries of an answer whose return.status is 200, else what the answer proves."""
        if answer.kind == "answered" and (answer.status or 500) < 500:
            told = wire_json.decoded(answer).get("return")
            status = str(told.get("status")) if isinstance(told, dict) else None
            if status in self._returns:
                return codes.called(answer, status, self._returns[status])
            if answer.status == 200 and status == "200":
                rows = wire_json.listed(answer, ENTRY, "entries")
                return rows if rows is not None else http.outcome("amb", answer, "no list of entries")
            if answer.status == 200:
                return http.outcome("amb", answer, f"return status {status} is not in the table")
        return http.refusal(answer) or http.outcome("amb", answer, answer.why)


ADAPTER = Adapter("kavenegar", Settings, LIMITS, KavenegarGateway)
