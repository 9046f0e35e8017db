"""The adapter of every gateway that speaks the contract of docs/gateways.md, ours or anybody's."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from gateways import contract, webhooks
from gateways.gateway import Answer, Capabilities, Outcome, Outgoing, Receipts
from gateways.settings import GatewaySettings


class ContractGateway:
    """A `Gateway` whose calls and answers are those of `contract`, whose webhooks those of `webhooks`."""

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
