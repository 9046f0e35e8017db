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
from targeting.criterion import Criterion, Own, Understood, located
from targeting.places import places_of
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
    taken: int  # numbers of own lists that take people away


def parts_of(audience: Audience, population: Population, who: Scope) -> Parts:
    """Take an audience apart; refuse own lists that would tell who is in the bank, naming the field."""
    asked = understand(audience, population, who.account_id)
    lists = list(_lists(asked))
    frames = [frame for positive, frame in lists if positive]
    empty = pl.DataFrame(schema={"msisdn": pl.UInt64})
    rented = _rented(audience.tree)
    return Parts(
        None if rented is None else replace(audience, tree=rented),
        pl.concat([empty, *frames]).unique(),
        any(leaf.criterion.own for leaf, _ in audience.tree.leaves()),
        any(positive and not leaf.criterion.own for leaf, positive in audience.tree.leaves()),
        sum(frame.height for positive, frame in lists if not positive),
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

    return replace(who, suppressed=None, chosen=None, history=history)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many numbers an account itself could leave out of the bank: lengths of lists, never who of them."""

    chosen: int  # by lists and entries of its own making
    all: int  # with opt-outs, and everybody of a history that tells of own numbers

    @property
    def any(self) -> bool:
        """Whether figures are bounds."""
        return self.all > 0


def left_out(parts: Parts, who: Scope, past: History) -> LeftOut:
    """Return how many an account could leave out: of its lists in `none`, its suppression, its history."""
    suppressed = 0 if who.suppressed is None else who.suppressed.height
    chosen = suppressed if who.chosen is None else who.chosen
    had = sum(frame.height for frame in (past.series, past.round) if frame is not None) if past.own else 0
    return LeftOut(parts.taken + chosen + past.own_rows, parts.taken + suppressed + had)


def bounded(rented: Count, parts: Parts, audience: Audience, out: LeftOut) -> Count:
    """Return the bound of rented people alone, counted as they are asked for: of whom may be left out, how
    few the account's own hand could leave (`sure`), and how many a slice might take along.

    A send of few would be a cheap question of who they are, so that `sure` may not fall under the smallest
    cell. It hangs on lengths alone: reckoned of who is really left, a refusal would be the answer.
    """
    kept, most = rented.selected + rented.behind, audience.count
    sure = kept - out.chosen if most is None else min(kept - out.chosen, most)
    sure = min(rented.rented, rented.selected, sure) if parts.selects else rented.selected
    least = settings().privacy.min_cell
    if not out.any or not 0 < rented.behind < least + out.all:
        return replace(rented, rented=min(rented.rented, rented.selected), sure=sure)
    more = min(rented.behind, least - 1)
    selected = rented.selected + more
    *steps, cut, _ = rented.waterfall
    ends = Step(cut.step, cut.removed - more, selected), Step("selected", 0, selected)
    return replace(
        rented, selected=selected, selected_by_operator={OTHER: selected}, along=rented.along + more,
        sure=sure, waterfall=(*steps, *ends), rented=min(rented.rented, rented.selected),
    )  # fmt: skip


def mixed(base: Count, parts: Parts, audience: Audience, out: LeftOut) -> Count:
    """Return the bound of rented people, counted whole, with the own lists added, and cut as a whole."""
    own, least = Counter(dict(_by_prefix(parts.listed))), settings().privacy.min_cell
    matched, total = Counter(base.by_operator) + own, Counter(base.selected_by_operator) + own
    kept, before = total.total(), audience.row - 1
    left = max(0, min(kept, matched.total() - before))
    behind = base.selected - before - (audience.count or 0) - out.all
    along = least - 1 if audience.count is not None and behind < least else 0
    selected = left if audience.count is None else min(left, audience.count + along)
    chosen = total if selected == kept else Counter({OTHER: selected} if selected else {})
    sure = base.selected - before - out.chosen
    if audience.count is not None:
        sure = min(sure, audience.count - own.total())
    rented = min(base.matched, selected - own.total()) if audience.cut else min(base.matched, base.selected)
    return replace(
        base, matched=matched.total(), selected=selected, by_operator=dict(sorted(matched.items())),
        selected_by_operator=dict(sorted(chosen.items())), along=along,
        waterfall=_steps(matched.total(), kept, selected), next_row=audience.row + selected,
        rented=rented if parts.selects else matched.total(), sure=sure if parts.selects else selected,
        towered=_towered(base, selected - own.total(), audience),
    )  # fmt: skip


def _steps(matched: int, kept: int, selected: int) -> tuple[Step, ...]:
    return (
        Step("matched", 0, matched), Step("duplicate", 0, matched),
        Step("suppressed", matched - kept, kept), Step("not_in_slice", kept - selected, selected),
        Step("selected", 0, selected),
    )  # fmt: skip


def _towered(rented: Count, least: int, audience: Audience) -> int | None:
    """Return whom towers are sure to bring: in a cut, own numbers may stand in the place of all others."""
    if rented.towered is None or not audience.cut:
        return rented.towered
    return max(0, min(rented.towered, least))


def nobody(key: str) -> Count:
    """Return the count of rented people where no rented criterion selects any by itself."""
    return Count(None, key, 0, 0, {}, {}, (Step("selected", 0, 0),), 0.0, True, 0, None, 1, 1)


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


def with_open_cells(found: Count, audience: Audience, population: Population, who: Scope) -> Count:
    """Return a count with a cell of 0 for every operator that its conditions leave open and nobody is of: one
    that is missing would be told from one of few people.
    """
    asked = understand(audience, population, who.account_id)
    present = frozenset(name or OTHER for name in places_of(population).holds.present["operator"])
    zeros = dict.fromkeys(sorted(_open_to(asked.tree, present)), 0)
    cells, selected = (
        dict(sorted((zeros | one).items())) for one in (found.by_operator, found.selected_by_operator)
    )
    told_in_one = set(found.selected_by_operator) == {OTHER}
    return replace(
        found, by_operator=cells, selected_by_operator=found.selected_by_operator if told_in_one else selected
    )


def _open_to(node: Leaf[Understood] | Tree[Understood], present: frozenset[str]) -> frozenset[str]:
    """Return the operators that people of a node may be of, by its words alone."""
    if isinstance(node, Leaf):
        if isinstance(node.criterion, Own):
            return frozenset()
        said = node.criterion.form.get("operator")
        return present if said is None else frozenset({str(said)})
    some = [_open_to(one, present) for one in node.any]
    several = [_open_to(one, present) for one in node.all if not _is_own(one)]
    wide = frozenset().union(*some) if some else present
    return wide.intersection(*several)


def _is_own(node: Leaf[Understood] | Tree[Understood]) -> bool:
    return isinstance(node, Leaf) and isinstance(node.criterion, Own)


def key_of(audience: Audience, population: Population, who: Scope) -> str:
    """Return the key of the whole audience."""
    return audience_hash(understand(audience, population, who.account_id))
