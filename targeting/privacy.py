"""What may be shown and sent of rented numbers: small counts never (R16.10, decisions 28),
numbers masked (29).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.errors import Refused
from data.rules.cells import cells_of, merged_cells, small_cells
from data.settings import settings

if TYPE_CHECKING:
    import polars as pl

    from targeting.scope import Count, Scope


__all__ = [
    "binds", "cells_of", "hides", "masked_column", "merged_cells", "refuse_small", "shown", "small_cells",
    "visible_count",
]  # fmt: skip


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
    """Refuse to build a set whose rented part is too small to be sent to, or could be without those whom the
    account leaves out by its own lists.
    """
    if hides(count, who):
        refuse_few(0)
    if binds(who) and (short := left_too_few(count)):
        raise Refused("audience", *short)


def refuse_few(people: int) -> None:
    """Refuse to write to fewer rented people than may be told of."""
    k = settings().privacy.min_cell
    if people < k:
        raise Refused(
            "audience",
            f"fewer than {k} people match; widen the conditions",
            f"کمتر از {k} نفر برگزیده شدند؛ شرط‌ها را بازتر کنید",
        )


def left_too_few(count: Count) -> tuple[str, str] | None:
    """Return what to say where an account's own lists could leave too few to be written to, else None."""
    k = settings().privacy.min_cell
    if count.sure is None or count.sure >= k:
        return None
    more = k - count.sure
    return (
        f"your own lists and suppression could leave fewer than {k} of these people; widen the conditions by "
        f"{more:,} people, or leave out fewer numbers",
        f"فهرست‌ها و لیست سیاه خودتان می‌توانند از این افراد کمتر از {k} نفر بگذارند؛ شرط‌ها را {more:,} نفر "
        "بازتر کنید یا شماره‌های کمتری کنار بگذارید",
    )


def shown(count: Count, who: Scope) -> dict[str, Any]:
    """Return a count as JSON for this viewer: exact, or without every figure that would tell a small one."""
    exact = count.to_json()
    if not binds(who) or not count.bank:
        return exact
    k = settings().privacy.min_cell
    if not hides(count, who):
        cells = {name: cells_of(exact[name], k) for name in ("by_operator", "selected_by_operator")}
        return exact | cells | ({"at_most": True} if count.at_most else {}) | {"fewer_than": k}
    hidden: dict[str, Any] = {
        "matched": None, "selected": None, "by_operator": {}, "selected_by_operator": {}, "waterfall": [],
        "next_row": None, "proposed_row": None, "notices": [], "fewer_than": k,
    }  # fmt: skip
    return exact | hidden


def masked_column(msisdn: pl.Series) -> pl.Series:
    """Return numbers as 0912•••67 (+423•••45 outside Iran), as `msisdn.mask` does one by one."""
    import polars as pl

    text = msisdn.cast(pl.String)
    iranian = text.str.starts_with("98") & (text.str.len_chars() == 12)
    frame = pl.DataFrame({"text": text, "iranian": iranian})
    start = pl.when("iranian").then("0" + pl.col("text").str.slice(2)).otherwise("+" + pl.col("text"))
    return frame.select(number=start.str.head(4) + "•••" + start.str.tail(2))["number"]
