"""What an account may be told of rented people before a send: figures that nothing of its own can move.

Own lists, suppression and what was sent to own numbers would otherwise be a test of who is in the bank: one
number put in or left out moves a count by one or by none. So rented criteria are counted alone, own lists by
their length, and the sum is a bound. People blocked at their operator stand in the snapshot and are exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import polars as pl

from data.errors import Refused
from data.rules.operators_columns import operator_column
from data.settings import settings
from targeting.criterion import Criterion, Own, located
from targeting.scope import Count, History, Scope, Step
from targeting.tree import Asked, Audience, Leaf, Tree
from targeting.understanding import audience_hash, understand

if TYPE_CHECKING:
    from data.store.population import Population

OTHER = "other"
Node = Leaf[Criterion] | Tree[Criterion]


@dataclass(frozen=True, slots=True)
class Parts:
    """An audience taken apart: what the bank selects by itself, and the account's own lists."""

    rented: Audience | None  # None: no rented criterion selects anybody by itself
    listed: pl.DataFrame  # msisdn of own lists that add people, each once
    own: bool  # there are own lists at all
    selects: bool  # some rented criterion adds people


def parts_of(audience: Audience, population: Population, who: Scope) -> Parts:
    """Take an audience apart; refuse own lists that would tell who is in the bank, naming the field."""
    asked = understand(audience, population, who.account_id)
    frames = [frame for positive, frame in _lists(asked) if positive]
    empty = pl.DataFrame(schema={"msisdn": pl.UInt64})
    rented = _rented(audience.tree)
    return Parts(
        None if rented is None else replace(audience, tree=rented),
        pl.concat([empty, *frames]).unique(),
        any(leaf.criterion.own for leaf, _ in audience.tree.leaves()),
        any(positive and not leaf.criterion.own for leaf, positive in audience.tree.leaves()),
    )


def refuse_own(audience: Audience) -> None:
    """Refuse to write a set of rented and own numbers: its rows would tell who is in the bank."""
    for leaf, _ in audience.tree.leaves():
        if leaf.criterion.own:
            raise Refused(
                leaf.at,
                "a set of rented people beside a list of your own is not written; write each by itself",
                "مجموعه‌ای که هم شماره اجاره‌ای و هم فهرست خودتان دارد نوشته نمی‌شود؛ هر یک را جدا بسازید",
            )


def own_alone(audience: Audience) -> Audience:
    """Return the own lists that add people, as an audience of their own: what may be shown of it as it is."""
    leaves = [leaf for leaf, positive in audience.tree.leaves() if positive and leaf.criterion.own]
    return Audience(Tree("", tuple(leaves), (), ()))


def without_own_inputs(who: Scope) -> Scope:
    """Return the same question without what the account could move: suppression, history of own numbers."""

    def history(key: str) -> History:
        past = who.history(key)
        return replace(past, series=None, round=None) if past.own else past

    return replace(who, suppressed=None, history=history)


def bounded(rented: Count | None, parts: Parts, audience: Audience, key: str) -> Count:
    """Return the count of the rented part with the own lists added; cut as a whole."""
    own = Counter(dict(_by_prefix(parts.listed)))
    if rented is None:
        rented = _nobody(key)
    if not parts.own:
        return replace(rented, rented=min(rented.matched, rented.selected))
    matched = Counter(rented.by_operator) + own
    total = Counter(rented.selected_by_operator) + own
    kept = total.total()
    left = max(0, kept - audience.row + 1)
    selected = left if audience.count is None else min(left, audience.count)
    chosen = total if selected == kept else Counter({OTHER: selected} if selected else {})
    blocked = matched.total() - kept
    waterfall = (
        Step("matched", 0, matched.total()), Step("duplicate", 0, matched.total()),
        Step("suppressed", blocked, kept), Step("not_in_slice", kept - selected, selected),
        Step("selected", 0, selected),
    )  # fmt: skip
    least = min(rented.matched, selected - own.total() if audience.cut else rented.selected)
    return replace(
        rented, audience_hash=key, matched=matched.total(), selected=selected,
        by_operator=dict(sorted(matched.items())), selected_by_operator=dict(sorted(chosen.items())),
        waterfall=waterfall, next_row=audience.row + selected,
        rented=least if parts.selects else matched.total(),
    )  # fmt: skip


def _nobody(key: str) -> Count:
    return Count(None, key, 0, 0, {}, {}, (Step("selected", 0, 0),), 0.0, True, 0, 1, 1)


def _lists(asked: Asked) -> Iterator[tuple[bool, pl.DataFrame]]:
    """Yield the own lists, refusing those under the smallest cell and those that narrow the bank."""
    least = settings().privacy.min_cell
    for leaf, positive in asked.tree.leaves():
        if not isinstance(leaf.criterion, Own):
            continue
        if "all" in leaf.at.split("."):
            raise Refused(
                leaf.at,
                "a list of your own cannot stand in `all` beside rented criteria: it would tell who of it is "
                "in the bank; put it into `any` or `none`",
                "فهرست خودتان کنار شرط‌های اجاره‌ای در `all` جا ندارد: می‌گفت چه کسی در بانک است؛ "
                "آن را در `any` یا `none` بگذارید",
            )
        with located(leaf.at):
            frame = leaf.criterion.numbers().frame.select("msisdn")
        if frame.height < least:
            raise Refused(
                leaf.at,
                f"beside rented criteria a list of your own needs at least {least} numbers; send to these "
                "few by themselves",
                f"کنار شرط‌های اجاره‌ای، فهرست خودتان دست‌کم {least} شماره می‌خواهد؛ "
                "برای این چند شماره جداگانه بفرستید",
            )
        yield positive, frame


def _rented(tree: Tree[Criterion]) -> Tree[Criterion] | None:
    """Return a tree without its own lists; None where nobody is selected any more."""
    branches = {name: _kept(getattr(tree, name)) for name in ("any", "all", "none")}
    if (tree.any and not branches["any"]) or not (branches["any"] or branches["all"]):
        return None
    return Tree(tree.at, **branches)


def _kept(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    kept = [
        (None if node.criterion.own else node) if isinstance(node, Leaf) else _rented(node) for node in nodes
    ]
    return tuple(node for node in kept if node is not None)


def _by_prefix(listed: pl.DataFrame) -> list[tuple[str, int]]:
    """Count numbers by the operator of their prefix: the bank's own word would tell that it knows them."""
    if listed.is_empty():
        return []
    named = listed.select(operator_column(pl.col("msisdn"), settings().region).fill_null(OTHER).alias("o"))
    return cast("list[tuple[str, int]]", named.group_by("o").len().rows())


def key_of(audience: Audience, population: Population, who: Scope) -> str:
    """Return the key of the whole audience."""
    return audience_hash(understand(audience, population, who.account_id))
