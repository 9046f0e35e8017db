"""The figures that reports and lists tell: money in its four words, and a campaign as a row of a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.rules import status


@dataclass(frozen=True, slots=True)
class Money:
    """What a run may cost, and what it did; whole rials. `refunds_at`: when the next refunds are computed."""

    price: int
    charged: int = 0
    refunded: int = 0
    refunds_at: datetime | None = None

    @property
    def net(self) -> int:
        """What it did cost so far: charged, less what came back."""
        return self.charged - self.refunded

    def to_json(self) -> dict[str, Any]:
        """Return the figures under the names that commands have for them."""
        return {
            "cost_rials": self.price,  # the name of the first version, for whoever reads it
            "price_rials": self.price, "charged_rials": self.charged, "refunded_rials": self.refunded,
            "net_rials": self.net, "refunds_at": self.refunds_at,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A campaign in a list, with its newest run; without a run its figures are None."""

    id: int
    title: str
    kind: str
    text: str
    line: str
    account: str
    state: str  # the campaign's
    run_state: str | None
    at: datetime  # when the run was due, else the next occurrence, else when it was made
    next_at: datetime | None
    recipients: int | None
    parts: int | None
    delivered: int
    money: Money | None
    at_most: bool  # recipients, parts and price are bounds until all of the run was sent

    @property
    def shown_state(self) -> str:
        """The one state that people see."""
        return status.shown(self.state, self.next_at is not None, self.run_state)


    def to_json(self) -> dict[str, Any]:
        """Return the row as `campaign list` prints it."""
        figures = self.money.to_json() if self.money else {}
        return {
            "campaign_id": self.id, "title": self.title, "kind": self.kind, "account": self.account,
            "line": self.line, "state": self.state, "run_state": self.run_state, "at": self.at,
            "next_at": self.next_at, "recipients": self.recipients, "parts": self.parts,
            "delivered": self.delivered, **figures, **({"at_most": True} if self.at_most else {}),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a list, and how many there are in all."""

    rows: list[Listed]
    total: int
