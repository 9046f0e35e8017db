"""Kavenegar (REST v1): send, sendarray, statuslocalmessageid, status, receive, account/info.

Every message carries our message id as `localid`, so a lost call can be looked up by it: class G1.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import polars as pl

from data import clock
from data.errors import Retryable
from gateways import codes, http, webhooks, wire_json
from gateways.forms import forms_as_json
from gateways.gateway import INBOUND, RECEIPTS, Answer, Capabilities, Outcome, Outgoing, Receipts
from gateways.kavenegar_wire import (
    ACCEPTED,
    ADDRESS,
    DLR,
    ENTRY,
    MO,
    REFUSED,
    RETURNS,
    SEND_MAX,
    STATUS_MAX,
    array_form,
    given_id,
    local_id,
    msisdn_of,
    ok_of,
    send_form,
    shaped,
    state_of,
    taken_of,
)  # fmt: skip
from gateways.settings import GatewaySettings


class KavenegarGateway:
    """`token` is the API key; the line's name is the sender."""

    receipt_fields = tuple(field.name for field in DLR.fields)

    def __init__(self, name: str, given: GatewaySettings) -> None:
        self.name = name
        made = given.model_copy(update={"bulk": min(given.bulk, SEND_MAX)})
        self.capabilities: Capabilities = made.capabilities()
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
        """Read webhook calls with messageid and status (a form, or a query kept as JSON)."""
        return self.receipts_of(*webhooks.exploded(forms_as_json(bodies), DLR))

    def receipts_of(self, opened: pl.DataFrame, rejected: pl.DataFrame = webhooks.NO_REJECTS) -> Receipts:
        """Read the fields of such calls; `rejected` ones go with those of them."""
        status = pl.col("status")
        frame = opened.select(
            "index", pl.col("messageid").alias("gid"), "status", state_of(status).alias("state")
        )
        good = pl.col("gid").is_not_null() & status.is_not_null()
        return webhooks.kept(shaped(frame, RECEIPTS), good, rejected, "no messageid or no status")

    def parse_inbound(self, bodies: pl.Series) -> Receipts:
        """Read webhook calls with from, to, message, messageid."""
        rows, rejected = webhooks.exploded(forms_as_json(bodies), MO)
        frame = rows.select(
            "index", pl.col("messageid").alias("gid"), pl.col("from").alias("sender"), "to",
            pl.col("message").alias("text"),
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

    def statuses(self, gids: pl.Series) -> pl.DataFrame:
        """Ask sms/status for at most STATUS_MAX gateway ids → gid, status, state; raises Retryable."""
        assert 0 < gids.len() <= STATUS_MAX
        said = self._asked("sms/status", {"messageid": gids.cast(pl.String).str.join(",").item()})
        return said.select(
            pl.col("messageid").alias("gid"), "status", state_of(pl.col("status")).alias("state")
        )

    def receive(self, line: str) -> pl.DataFrame:
        """Fetch unread inbound of a line by sms/receive (schema INBOUND, no index); raises Retryable."""
        said = self._asked("sms/receive", {"linenumber": line, "isread": "0"})
        epoch = pl.from_epoch(pl.col("date").cast(pl.Int64, strict=False))
        frame = said.select(
            pl.col("messageid").alias("gid"), "sender", pl.col("receptor").alias("to"),
            pl.col("message").alias("text"),
            epoch.dt.replace_time_zone("UTC").alias("at"),
        )  # fmt: skip
        return shaped(frame, INBOUND)

    def _asked(self, method: str, form: dict[str, str]) -> pl.DataFrame:
        answer = self._call(method, form, method, clock.monotonic() + self.capabilities.deadline_seconds)
        said = self._entries(answer)
        if isinstance(said, Outcome):
            raise Retryable(f"the gateway did not answer {method}: {said.why}", "درگاه پاسخ نداد")
        return said

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
