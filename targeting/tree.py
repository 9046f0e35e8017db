"""The audience as a tree: `any` is a union, `all` narrows it, `none` takes away (cli.md);
parsed, and made canonical.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from data.errors import Refused
from data.rules.persian import fold
from data.settings import settings
from targeting.criteria import CRITERIA
from targeting.criterion import Criterion, Own, Understood, located
from targeting.fields import build, refuse_unknown, whole

BRANCHES = ("any", "all", "none")
CUTS = ("row", "count", "series", "again")
SERIES_MAX = 80


C = TypeVar("C")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Leaf(Generic[C]):
    """One criterion, as written or as understood, and where it stands, as in `any.0`."""

    at: str
    criterion: C


@dataclass(frozen=True, slots=True)
class Tree(Generic[C]):
    """(any₁ ∪ any₂ …) ∩ all₁ ∩ all₂ … minus none₁, none₂ …; without `any` the `all` select by themselves."""

    at: str
    any: tuple[Leaf[C] | Tree[C], ...]
    all: tuple[Leaf[C] | Tree[C], ...]
    none: tuple[Leaf[C] | Tree[C], ...]

    def leaves(self, *, positive: bool = True) -> Iterator[tuple[Leaf[C], bool]]:
        """Yield every criterion with whether it adds people (an odd number of `none` above it takes away)."""
        for sign, branch in ((True, self.any + self.all), (False, self.none)):
            for node in branch:
                here = positive if sign else not positive
                if isinstance(node, Leaf):
                    yield node, here
                else:
                    yield from node.leaves(positive=here)

    def each(self, change: Callable[[Leaf[C]], D]) -> Tree[D]:
        """Return the same tree with another criterion in the place of each."""

        def node(one: Leaf[C] | Tree[C]) -> Leaf[D] | Tree[D]:
            return Leaf(one.at, change(one)) if isinstance(one, Leaf) else one.each(change)

        branches = {name: tuple(node(one) for one in getattr(self, name)) for name in BRANCHES}
        return Tree(self.at, **branches)


Asking = Leaf[Understood] | Tree[Understood]


@dataclass(frozen=True, slots=True)
class Audience:
    """A parsed audience file; `row` and `count` cut the ordered set, `series` never repeats a number,
    `again` writes also to those who had it in this round.
    """

    tree: Tree[Criterion]
    row: int = 1
    count: int | None = None
    series: str | None = None
    again: bool = False

    @property
    def uses_bank(self) -> bool:
        """Whether some criterion selects rented numbers."""
        return any(not leaf.criterion.own for leaf, _ in self.tree.leaves())

    @property
    def uses_own(self) -> bool:
        """Whether some criterion brings the account's own numbers."""
        return any(leaf.criterion.own for leaf, _ in self.tree.leaves())

    @property
    def cut(self) -> bool:
        """Whether a slice is asked for at all."""
        return self.row > 1 or self.count is not None


@dataclass(frozen=True, slots=True)
class Asked:
    """An audience whose every criterion was understood (`understanding.understand`)."""

    tree: Tree[Understood]
    row: int = 1
    count: int | None = None
    series: str | None = None

    @property
    def uses_bank(self) -> bool:
        """Whether some criterion selects rented numbers."""
        return any(not isinstance(leaf.criterion, Own) for leaf, _ in self.tree.leaves())


def brought_by(tree: Tree[Understood], kind: str) -> Tree[Understood] | None:
    """Return the part of a tree whose people are there by leaves of a kind, without what else adds people;
    None where no such leaf adds any.
    """
    narrowed = [_brought(node, kind) for node in tree.all]
    if any(narrowed):
        kept = tuple(part or node for part, node in zip(narrowed, tree.all, strict=True))
        return Tree(tree.at, tree.any, kept, tree.none)
    some = tuple(part for node in tree.any if (part := _brought(node, kind)))
    return Tree(tree.at, some, tree.all, tree.none) if some else None


def _brought(node: Asking, kind: str) -> Asking | None:
    if isinstance(node, Tree):
        return brought_by(node, kind)
    return node if node.criterion.kind == kind else None


def parse_audience(obj: Any) -> Audience:
    """Return the audience of a JSON object; raise Refused naming the dotted field, as in `any.0.radius_m`."""
    if not isinstance(obj, dict):
        raise Refused(
            "audience",
            "an audience is an object with any, all, none",
            "مخاطبان باید شیئی با any، all، none باشد",
        )
    refuse_unknown(obj, (*BRANCHES, *CUTS))
    _refuse_large(obj)
    tree = _tree({name: obj[name] for name in BRANCHES if obj.get(name) is not None}, "", 1)
    return Audience(
        tree=tree,
        row=1 if obj.get("row") is None else whole("row", obj["row"]),
        count=None if obj.get("count") is None else whole("count", obj["count"]),
        series=_series(obj.get("series")),
        again=_again(obj.get("again")),
    )


def canonical(audience: Audience, *, cut: bool = True) -> dict[str, Any]:
    """Return the tree as it was written, as JSON in one fixed form: the order of conditions and values does
    not show. With `cut=False` row, count, series and again are left out.
    """
    body = plain(audience.tree, _written)
    if cut:
        row = audience.row if audience.row > 1 else None
        body |= {
            name: value
            for name, value in (
                ("row", row), ("count", audience.count), ("series", audience.series),
                ("again", audience.again or None),
            )
            if value is not None
        }
    return body


def plain(node: Leaf[C] | Tree[C], form: Callable[[C], dict[str, Any]]) -> dict[str, Any]:
    """Return a tree as JSON with each criterion as `form` gives it, everything in a fixed order."""
    if isinstance(node, Leaf):
        return {name: value for name, value in form(node.criterion).items() if value is not None}
    branches = {
        name: sorted((plain(one, form) for one in getattr(node, name)), key=dumped) for name in BRANCHES
    }
    return {name: items for name, items in branches.items() if items}


def dumped(value: Any) -> str:
    """Return JSON that is the same for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _written(criterion: Criterion) -> dict[str, Any]:
    values = dataclasses.asdict(criterion)  # type: ignore[call-overload]
    return {"kind": criterion.kind} | {
        name: sorted(set(value)) if isinstance(value, tuple) else value for name, value in values.items()
    }


def _tree(obj: dict[str, Any], at: str, depth: int) -> Tree[Criterion]:
    if depth > settings().audience.depth_max:
        most = settings().audience.depth_max
        raise Refused(at, f"nest at most {most} levels deep", f"حداکثر {most} سطح تودرتو مجاز است")
    branches = {name: _branch(obj.get(name), _under(at, name), depth) for name in BRANCHES}
    if not branches["any"] and not branches["all"]:
        raise Refused(
            at or "any",
            "put at least one condition into any or all: none only takes away from them",
            "دست‌کم یک شرط در any یا all بگذارید؛ none تنها از آن‌ها کم می‌کند",
        )
    return Tree(at, **branches)


def _branch(items: Any, at: str, depth: int) -> tuple[Leaf[Criterion] | Tree[Criterion], ...]:
    if items is None:
        return ()
    if not isinstance(items, list):
        raise Refused(at, "use a list of conditions", "فهرستی از شرط‌ها بنویسید")
    return tuple(_item(item, f"{at}.{place}", depth) for place, item in enumerate(items))


def _item(item: Any, at: str, depth: int) -> Leaf[Criterion] | Tree[Criterion]:
    if not isinstance(item, dict):
        raise Refused(at, "a condition is an object with a kind", "هر شرط شیئی است که kind دارد")
    if "kind" not in item:
        with located(at):
            refuse_unknown(item, (*BRANCHES, "kind"))
        return _tree(item, at, depth + 1)
    cls = CRITERIA.get(item["kind"]) if isinstance(item["kind"], str) else None
    if cls is None:
        raise Refused(
            f"{at}.kind",
            f"there is no such kind; the kinds are {', '.join(CRITERIA)}",
            f"چنین نوعی نیست؛ نوع‌ها: {'، '.join(CRITERIA)}",
        )
    with located(at):
        return Leaf(at, build(cls, {name: value for name, value in item.items() if name != "kind"}))


def _refuse_large(obj: dict[str, Any]) -> None:
    """Count conditions before anything is parsed; a list that holds itself would never end otherwise."""
    most, seen, open_nodes = settings().audience.items_max, 0, [obj]
    while open_nodes:
        node = open_nodes.pop()
        items = [item for name in BRANCHES for item in _items(node.get(name))]
        seen += len(items)
        if seen > most:
            raise Refused("audience", f"use at most {most} conditions", f"حداکثر {most} شرط مجاز است")
        open_nodes.extend(item for item in items if isinstance(item, dict) and "kind" not in item)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _series(value: Any) -> str | None:
    if value is None:
        return None
    # The fold, by which two writings are one series, may be longer than the name, or empty.
    if not isinstance(value, str) or not all(1 <= len(one) <= SERIES_MAX for one in (value, fold(value))):
        raise Refused("series", "use a name of 1 to 80 characters", "نامی بین ۱ تا ۸۰ نویسه بنویسید")
    return value.strip()


def _again(value: Any) -> bool:
    if value is not None and not isinstance(value, bool):
        raise Refused("again", "use true or false", "true یا false بنویسید")
    return bool(value)


def _under(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
