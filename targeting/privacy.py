"""What may be shown and sent of rented numbers: small counts never (R16.10, decisions 28),
numbers masked (29).
"""

from __future__ import annotations

from collections.abc import Mapping
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


def small_cells(cells: Mapping[str, int], k: int) -> set[str]:
    """Return the cells that are not told: those under `k`, and as many more, the smallest first, as keep
    them from being worked out of the sum.
    """
    hidden = {name for name, n in cells.items() if n < k}
    rest = sorted((name for name in cells if name not in hidden), key=lambda name: (cells[name], name))
    while hidden and rest and (len(hidden) < 2 or sum(cells[name] for name in hidden) < k):
        hidden.add(rest.pop(0))
    return hidden


def cells_of(cells: Mapping[str, int], k: int) -> dict[str, int | None]:
    """Return cells as an account may see them; None reads "fewer than k", or is not told beside one."""
    hidden = small_cells(cells, k)
    return {name: None if name in hidden else n for name, n in cells.items()}


def merged_cells(cells: Mapping[str, int], k: int) -> dict[str, int]:
    """Return the same sum with the cells that are not told put together as `other`."""
    hidden = small_cells(cells, k) - {"other"}
    kept = {name: n for name, n in cells.items() if name not in hidden}
    more = sum(cells[name] for name in hidden)
    return kept | ({"other": kept.get("other", 0) + more} if more else {})


def masked_column(msisdn: pl.Series) -> pl.Series:
    """Return numbers as 0912•••67 (+423•••45 outside Iran), as `msisdn.mask` does one by one."""
    import polars as pl

    text = msisdn.cast(pl.String)
    iranian = text.str.starts_with("98") & (text.str.len_chars() == 12)
    frame = pl.DataFrame({"text": text, "iranian": iranian})
    start = pl.when("iranian").then("0" + pl.col("text").str.slice(2)).otherwise("+" + pl.col("text"))
    return frame.select(number=start.str.head(4) + "•••" + start.str.tail(2))["number"]
