"""What comes by the clock, as a worker does it: figures come back, and what is wrong is raised."""

from __future__ import annotations

from typing import Any

from data.errors import Broken
from flows.steps import auditing, populating


def audit() -> dict[str, Any]:
    """Recompute every invariant; return the figures of the books. Raises Broken where they do not agree."""
    found = auditing.audit()
    refuse_breaches(found)
    return {name: found[name] for name in ("accounts", "entries", "posted_rials")}


def refuse_breaches(found: dict[str, Any]) -> None:
    """Raise Broken where an audit found anything."""
    if not found["ok"]:
        raise Broken(
            f"the audit found {len(found['breaches'])} breaches; run: chapar audit",
            f"حسابرسی {len(found['breaches'])} ناسازگاری یافت؛ `chapar audit` را اجرا کنید",
        )


def population() -> dict[str, Any]:
    """Build the population from the raw tables this home ordered; invented people stay as they are."""
    order = populating.ordered()
    if order is None or order.raw is None:
        return {}
    report = populating.build(order)
    return {"snapshot": report.snapshot, "subscribers": report.subscribers}
