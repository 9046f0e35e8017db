"""What a gateway's class is worth: proven by its self-test, failed, or only declared (docs/gateways.md).

A proof holds for the settings that it was made under: a gateway that moved, got another key or claims another
class is proven anew. A failure holds until a test passes, whatever is edited: to forget a bad verdict would
be to give a good one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Literal

from data.records import processes, proofs
from data.records.proofs import Failed, Proof
from data.rules import reasons
from data.store.operations import Connection
from gateways.gateway import GatewayClass
from gateways.identity import account
from gateways.settings import GatewaySettings

State = Literal["nothing", "proven", "failed", "declared"]

WHY: dict[str, tuple[str, str]] = {  # of a failure: (English, Persian)
    "second_id": (
        "the same reference sent twice was accepted under two ids, so that a second message went out",
        "یک شناسه ارجاع که دو بار فرستاده شد دو شناسه پیام گرفت، یعنی پیام دومی هم رفت",
    ),
    "second_refused": (
        "the same reference sent a second time was refused",
        "یک شناسه ارجاع که دو بار فرستاده شد بار دوم رد شد",
    ),
    "not_found": (
        "its look-up does not know a message that it accepted",
        "پیامی را که پذیرفته بود، در پیگیری نمی‌شناسد",
    ),
    "other_id": (
        "its look-up names another id than it gave for the message",
        "در پیگیری شناسه‌ای جز آنچه برای پیام داده بود می‌گوید",
    ),
    "knows_strangers": (
        "its look-up claims to know a reference that was never sent",
        "در پیگیری مدعی است شناسه ارجاعی را می‌شناسد که هرگز فرستاده نشده است",
    ),
    "no_look_up": ("it has no look-up", "پیگیری ندارد"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A gateway, the class it declares, and what is known of it under its present settings."""

    gateway: str
    declared: GatewayClass
    has_number: bool  # it has a number to be tested on
    proof: Proof | None
    failed: Failed | None = None  # under whatever settings

    @property
    def state(self) -> State:
        """Return what the declaration is worth."""
        if self.declared == "G0":
            return "nothing"
        if self.failed and self.declared >= self.failed.believed_below:
            return "failed"
        return "proven" if self.proof and self.proof.verdict == "proven" else "declared"

    @property
    def runs_as(self) -> GatewayClass:
        """Return the class it is run as: who failed is trusted with nothing."""
        return "G0" if self.state == "failed" else self.declared

    def say(self, language: str = "en") -> str:
        """Return one sentence in `language` ("fa" or "en")."""
        return self._sentences()[language == "fa"]

    def _sentences(self) -> tuple[str, str]:
        known, heard = self.declared, self.proof.heard if self.proof else None
        if self.state == "nothing":
            return "G0, which claims nothing and needs no self-test", "G0: ادعایی ندارد و آزمونی نمی‌خواهد"
        if self.failed and self.state == "failed":
            en, fa = WHY.get(self.failed.why, (self.failed.why, reasons.say(self.failed.why, "fa")))
            return (
                f"runs as G0: it failed its self-test: {en}; mend it, or its class, and test it again",
                f"با رده G0 کار می‌کند، چون در خودآزمایی رد شد: {fa}؛ "
                "درگاه یا رده‌اش را درست کنید و دوباره بیازمایید",
            )
        if self.state == "proven":
            en, fa = f"{known}, proven by its self-test", f"{known}، با خودآزمایی ثابت شده"
        else:
            en, fa = f"{known} declared, not proven", f"{known} اعلام شده و ثابت نشده"
        if heard is not None:
            return f"{en}; the last self-test proved nothing: {heard}", (
                f"{fa}؛ آخرین خودآزمایی چیزی را ثابت نکرد: {reasons.say(heard, 'fa')}"
            )
        if self.state == "declared" and not self.has_number:
            return f"{en}; give it a test_number", f"{fa}؛ برایش test_number بگذارید"
        return en, fa

    def to_json(self) -> dict[str, Any]:
        """Return what it runs as, what that rests on and since when, as JSON values."""
        at = self.proof.decided_at if self.proof else None
        return {
            "runs_as": self.runs_as, "proof": self.state, "tested_at": at.isoformat() if at else None,
            "say": self.say(), "say_fa": self.say("fa"),
        }  # fmt: skip


def claim_of(c: Connection, name: str, given: GatewaySettings) -> proofs.Claim:
    """Return what a test of these settings is about."""
    return proofs.Claim(name, given.gateway_class, _fingerprint(processes.secret(c), given))


def standings(c: Connection, found: dict[str, GatewaySettings]) -> dict[str, Standing]:
    """Return what each gateway's class is worth, by name; `found` are the settings as they are stored."""
    known = proofs.every(c)
    secret = processes.secret(c) if known else b""
    standing = {}
    for name, given in found.items():
        proof = known.get(name)
        failed = proof.failed if proof else None
        if proof and proof.fingerprint != _fingerprint(secret, given):
            proof = None
        standing[name] = Standing(name, given.gateway_class, bool(given.test_number), proof, failed)
    return standing


def as_proven(given: GatewaySettings, standing: Standing) -> GatewaySettings:
    """Return the settings to run a gateway with: who failed is blind and gets one call at a time."""
    if standing.state != "failed":
        return given
    return given.model_copy(update={"gateway_class": "G0", "in_flight": 1})


def _fingerprint(secret: bytes, given: GatewaySettings) -> str:
    """Tell settings apart by what makes it this gateway; keyed, because a credential must not be guessed."""
    parts = (given.adapter, given.base, *account(given), given.gateway_class, given.behaves())
    text = json.dumps(parts, sort_keys=True, default=str)
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
