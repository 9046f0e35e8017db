"""The adapter of every gateway that speaks the contract of docs/gateways.md, ours or anybody's."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from pydantic import Field, SecretStr

from gateways import contract, webhooks
from gateways.adapter import Limits
from gateways.gateway import Answer, Asking, Capabilities, Outcome, Outgoing, Receipts
from gateways.settings import WAIT_MAX_SECONDS, GatewaySettings

NOT_ASKED = Answer("notsent", "this gateway brings what it knows by itself")


WINDOW_SECONDS = 6 * 3600.0
LIMITS = Limits(
    best_class="G2", bulk=5_000, one_text=False, lookup_seconds=None, receipts_asked=False,
    inbound_asked=False,
)  # fmt: skip


class ContractSettings(GatewaySettings):
    """Settings of whoever speaks the contract: a bearer token, and the window of a G2 gateway."""

    token: SecretStr = Field(
        SecretStr(""), validate_default=True, description="goes with every call as a bearer token"
    )
    window_s: float = Field(
        WINDOW_SECONDS, ge=0, le=WAIT_MAX_SECONDS, description="G2: same reference, same result, for so long"
    )


class ContractGateway:
    """A `Gateway` whose calls and answers are those of `contract`, whose webhooks those of `webhooks`.

    It brings receipts and inbound by itself: the contract has no question for them.
    """

    asking = Asking()
    receipt_fields = webhooks.DLR_FIELDS

    def __init__(self, name: str, given: GatewaySettings) -> None:
        self.name = name
        self.capabilities: Capabilities = given.capabilities()
        self._contract = contract.of(given)

    def submit(self, outgoing: Outgoing, *, deadline_at: float) -> Answer:
        """POST {base}/send, one attempt."""
        return self._contract.send(outgoing, deadline_at=deadline_at)

    def judge(self, sent: Sequence[tuple[Outgoing, Answer]]) -> list[Outcome]:
        """Read the results of every message."""
        return self._contract.judge(sent)

    def look_up(self, outgoing: Outgoing) -> Outcome | None:
        """GET {base}/lookup?ref=."""
        return self._contract.look_up(outgoing)

    def ask_receipts(self, gids: pl.Series) -> Answer:
        """The contract has no such question."""
        del gids
        return NOT_ASKED

    def ask_inbound(self, line: str) -> Answer:
        """The contract has no such question."""
        del line
        return NOT_ASKED

    def receipts_of(self, opened: pl.DataFrame) -> Receipts:
        """Read the fields of such bodies."""
        return webhooks.receipts_of(opened)

    def parse_receipts(self, bodies: pl.Series) -> Receipts:
        """Read bodies {"id", "ref"?, "to", "status", "part"?, "at"} or lists of them."""
        return webhooks.receipts(bodies)

    def parse_inbound(self, bodies: pl.Series) -> Receipts:
        """Read bodies {"id"?, "from", "to", "text", "at"} or lists of them."""
        return webhooks.inbound(bodies)

    def credit(self) -> int:
        """GET {base}/balance → rial."""
        return self._contract.credit()
