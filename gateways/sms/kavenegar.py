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
from gateways.settings import SECRET, Code, GatewaySettings
from gateways.wire_numbers import dialled, msisdn_of

ADDRESS = "https://api.kavenegar.com"
SEND_MAX, STATUS_MAX = 200, 500  # documented limits of one call
LOOK_UP_SECONDS = 12 * 3600.0  # our ids are remembered so long, by public descriptions
STATUS_SECONDS = 48 * 3600.0  # what became of a message is asked for so long; later nothing new is told
LIMITS = Limits(
    best_class="G1", bulk=SEND_MAX, one_text=False, lookup_seconds=LOOK_UP_SECONDS, receipts_asked=True,
    inbound_asked=True,
)  # fmt: skip
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
# What each return status proves, and the provider's own words for it. The Persian is that of the table of
# return codes in Kavenegar's public description of its REST API (https://kavenegar.com/rest.html), the
# English is ours. 402 and 409 do not say that nothing was accepted.
RETURNS: dict[str, tuple[Code, str, str]] = {
    "400": (_CALL, "پارامترها ناقص هستند", "parameters are missing"),
    "401": (_LINE, "حساب کاربری غیرفعال شده است", "the account has been deactivated"),
    "402": (_LOST, "عملیات ناموفق بود", "the operation failed"),
    "403": (_LINE, "کد شناسایی API-Key معتبر نمی‌باشد", "the API key is not valid"),
    "404": (_CALL, "متد نامشخص است", "the method is unknown"),
    "405": (_CALL, "متد Get/Post اشتباه است", "the method is called with the wrong verb, GET or POST"),
    "406": (_CALL, "پارامترهای اجباری خالی ارسال شده‌اند", "required parameters were sent empty"),
    "407": (
        _LINE, "دسترسی به اطلاعات مورد نظر برای شما امکان‌پذیر نیست",
        "you have no access to what is asked for",
    ),
    "409": (
        _LOST, "سرور قادر به پاسخ‌گویی نیست، بعداً تلاش کنید", "the server cannot answer now; try again later",
    ),
    "411": (_CALL, "دریافت‌کننده نامعتبر است", "the receiver is not valid"),
    "412": (_LINE, "ارسال‌کننده نامعتبر است", "the sender is not valid"),
    "413": (_CALL, "پیام خالی است یا طول آن بیش از حد مجاز است", "the message is empty or too long"),
    "414": (_CALL, "حجم درخواست بیشتر از حد مجاز است", "the request is larger than is allowed"),
    "415": (
        _CALL, "اندیس شروع بزرگ‌تر از کل تعداد شماره‌های مورد نظر است",
        "the start index is larger than the count of numbers",
    ),
    "416": (
        _LINE, "IP سرویس مبدأ با تنظیمات مطابقت ندارد",
        "the calling IP address is not the one in the settings",
    ),
    "417": (_CALL, "تاریخ ارسال اشتباه است", "the date of sending is wrong"),
    "418": (_LINE, "اعتبار شما کافی نمی‌باشد", "your credit is not enough"),
    "419": (
        _CALL, "طول آرایهٔ متن و گیرنده و فرستنده هم‌اندازه نیست",
        "the lists of texts, receivers and senders differ in length",
    ),
    "420": (
        _CALL, "استفاده از لینک در متن پیام برای شما محدود شده است",
        "links in the text of messages are restricted for you",
    ),
    "422": (
        _CALL, "داده‌ها به دلیل وجود کاراکتر نامناسب قابل پردازش نیست",
        "the data cannot be processed for an unsuitable character",
    ),
    "424": (_CALL, "الگوی مورد نظر پیدا نشد", "the template was not found"),
    "426": (
        _LINE, "استفاده از این متد نیازمند سرویس پیشرفته است", "this method needs the advanced service",
    ),
    "427": (
        _LINE, "استفاده از این خط نیازمند ایجاد سطح دسترسی می‌باشد",
        "this line needs a level of access to be set up",
    ),
    "428": (
        _CALL, "ارسال کد از طریق تماس تلفنی امکان‌پذیر نیست", "the code cannot be sent by a telephone call",
    ),
    "429": (_LATER, "IP محدود شده است", "the IP address is restricted"),
    "431": (_CALL, "ساختار کد صحیح نمی‌باشد", "the form of the code is not right"),
    "432": (_CALL, "پارامتر کد در متن پیام پیدا نشد", "the parameter of the code is not in the text"),
    "451": (
        _LATER, "فراخوانی بیش از حد در بازهٔ زمانی مشخص، IP محدود شده",
        "too many calls in the span of time; the IP address is restricted",
    ),
    "501": (
        _LINE, "فقط امکان ارسال پیام آزمایشی به شمارهٔ صاحب حساب وجود دارد",
        "only test messages to the number of the account's owner can be sent",
    ),
}  # fmt: skip
_TEXTS = ("messageid", "status", "receptor", "localid", "message", "sender", "date")
ENTRY = pl.Schema(dict.fromkeys(_TEXTS, pl.String()))
DLR = pl.Struct({"messageid": pl.String, "status": pl.String})
MO = pl.Struct(
    dict.fromkeys(("messageid", "from", "to", "message", "sender", "receptor", "date"), pl.String)
)


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
        self._codes = {code: meaning for code, (meaning, _, _) in RETURNS.items()} | given.codes

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
        return self.receipts_of(*webhooks.exploded(forms_as_json(_entries_told(bodies)), DLR))

    def receipts_of(self, opened: pl.DataFrame, rejected: pl.DataFrame = webhooks.NO_REJECTS) -> Receipts:
        """Read the fields of such calls; `rejected` ones go with those of them."""
        status = pl.col("status")
        frame = opened.select(
            "index", pl.col("messageid").alias("gid"), "status", state_of(status).alias("state")
        )
        good = pl.col("gid").is_not_null() & status.is_not_null()
        return webhooks.kept(webhooks.shaped(frame, RECEIPTS), good, rejected, "no messageid or no status")

    def parse_inbound(self, bodies: pl.Series) -> Receipts:
        """Read webhook calls with from, to, message, messageid, and answers to `ask_inbound`, which call them
        sender and receptor and tell the moment.
        """
        rows, rejected = webhooks.exploded(forms_as_json(_entries_told(bodies)), MO)
        epoch = pl.from_epoch(pl.col("date").cast(pl.Int64, strict=False))
        frame = rows.select(
            "index", pl.col("messageid").alias("gid"), pl.coalesce("from", "sender").alias("sender"),
            pl.coalesce("to", "receptor").alias("to"), pl.col("message").alias("text"),
            epoch.cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("at"),
        )  # fmt: skip
        good = pl.all_horizontal(pl.col("sender", "to", "text").is_not_null())
        return webhooks.kept(webhooks.shaped(frame, INBOUND), good, rejected, "no sender, receiver or text")

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
            if status in self._codes:
                return codes.called(answer, status, self._codes[status], words_of(status))
            if answer.status == 200 and status == "200":
                rows = wire_json.listed(answer, ENTRY, "entries")
                return rows if rows is not None else http.outcome("amb", answer, "no list of entries")
            if answer.status == 200:
                return http.outcome("amb", answer, f"return status {status} is not in the table")
        return http.refusal(answer) or http.outcome("amb", answer, answer.why)


def local_id(run_id: int) -> pl.Expr:
    """The message id run_id << 32 | pos."""
    return pl.lit(run_id << 32, pl.Int64) + pl.col("pos").cast(pl.Int64)


def send_form(outgoing: Outgoing) -> dict[str, str]:
    """Fields of sms/send: one text, receptors and local ids joined with commas."""
    said = outgoing.messages.select(
        dialled().str.join(","), local_id(outgoing.run_id).cast(pl.String).str.join(",")
    )
    receptors, ids = said.row(0)
    return {
        "sender": outgoing.line, "receptor": receptors, "localid": ids,
        "message": outgoing.messages.item(0, "text"),
    }  # fmt: skip


def array_form(outgoing: Outgoing) -> dict[str, str]:
    """Fields of sms/sendarray: four JSON lists of one length."""
    lists = outgoing.messages.select(
        pl.lit(outgoing.line).alias("sender"), dialled().alias("receptor"), pl.col("text").alias("message"),
        local_id(outgoing.run_id).cast(pl.String).alias("localmessageids"),
    )  # fmt: skip
    return {name: wire_json.json_list(lists.get_column(name)) for name in lists.columns}


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


def _entries_told(bodies: pl.Series) -> pl.Series:
    """Answers that we asked for as the list of their entries; one with UNKNOWN_ID tells nothing."""
    return wire_json.lists_told(bodies, "entries", but=("status", UNKNOWN_ID))


def words_of(code: str) -> tuple[str, str] | None:
    """Return the provider's words for a return status, Persian and English; None for one it does not have."""
    return RETURNS[code][1:] if code in RETURNS else None


ADAPTER = Adapter("kavenegar", Settings, LIMITS, KavenegarGateway, words_of)
