"""What may be shown and sent of rented numbers: small counts never (R16.10, decisions 28),
numbers masked (29).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.errors import Refused
from data.settings import settings

if TYPE_CHECKING:
    import polars as pl

    from targeting.scope import Count, Scope


def visible_count(count: int, min_cell: int, bank: bool) -> int | None:
    """Return the count, or None where it may only be said that it is fewer than `min_cell`."""
    return None if bank and count < min_cell else count


def binds(who: Scope) -> bool:
    """Say whether the small-cell rule binds this viewer: every account, but not the operator of the home."""
    return who.account_id is not None and not who.as_operator


def hides(count: Count, who: Scope) -> bool:
    """Say whether the rented part of the set is too small for this viewer to be told of."""
    if not binds(who):
        return False
    return visible_count(count.rented, settings().privacy.min_cell, count.bank) is None


def refuse_small(count: Count, who: Scope) -> None:
    """Refuse to build a set whose rented part is too small to be sent to."""
    if hides(count, who):
        k = settings().privacy.min_cell
        raise Refused(
            "audience",
            f"fewer than {k} people match; widen the conditions",
            f"کمتر از {k} نفر برگزیده شدند؛ شرط‌ها را بازتر کنید",
        )


def shown(count: Count, who: Scope) -> dict[str, Any]:
    """Return a count as JSON for this viewer: exact, or without every figure that would tell a small one."""
    exact = count.to_json()
    if not hides(count, who):
        return exact
    hidden: dict[str, Any] = {
        "matched": None, "selected": None, "by_operator": {}, "selected_by_operator": {}, "waterfall": [],
        "next_row": None, "proposed_row": None, "notices": [], "fewer_than": settings().privacy.min_cell,
    }  # fmt: skip
    return exact | hidden


def masked_column(msisdn: pl.Series) -> pl.Series:
    """Return numbers as 0912•••4567 (+423…•••4567 outside Iran), as `msisdn.mask` does one by one."""
    import polars as pl

    text = msisdn.cast(pl.String)
    iranian = text.str.starts_with("98") & (text.str.len_chars() == 12)
    frame = pl.DataFrame({"text": text, "iranian": iranian})
    start = pl.when("iranian").then("0" + pl.col("text").str.slice(2)).otherwise("+" + pl.col("text"))
    return frame.select(number=start.str.head(-7) + "•••" + start.str.tail(4))["number"]
