"""What an order's kind says of its criteria: shapes of a tower send choose towers, some kinds one operator.

A stored tree says it itself, on the leaf (`towers_in`, `operator`); here a file that only names its kind is
put into such a tree, and a tree is given the kind that reports have it under.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from data.errors import Refused
from data.rules import kinds
from targeting.criteria.circle import Circle
from targeting.criteria.line import Line
from targeting.criteria.polygon import Polygon
from targeting.criteria.towers_in import TowersIn
from targeting.criterion import Criterion, located
from targeting.names import key
from targeting.operators import words_of
from targeting.tree import Audience, Leaf, Tree, parse_audience

Node = Leaf[Criterion] | Tree[Criterion]


def with_kind(audience: Audience, kind: str) -> Audience:
    """Return the audience as its send kind means it; raise Refused where the kind does not allow it.

    What the pickers of the kind make stays as it is, and own numbers are of no operator.
    """
    operator = kinds.OPERATOR_OF.get(kind)
    if operator is None:
        return audience
    return replace(audience, tree=_Meant(kind, operator).tree(audience.tree))


def audience_of(obj: Any, kind: str) -> Audience:
    """Return the audience that an order of this kind means by a JSON object; raise Refused."""
    return with_kind(parse_audience(obj), kind)


def kind_of(audience: Audience) -> str:
    """Return the kind that reports have an audience under: of its first rented leaf, else of its first."""
    leaves = [leaf.criterion for leaf, positive in audience.tree.leaves() if positive]
    first = next((one for one in leaves if not one.own), leaves[0])
    kind = kinds.KIND_OF_LEAF[first.kind]
    if kind == "region" and first.kind == "region" and _is_of(first, kinds.OPERATOR_OF["region_irancell"]):
        return "region_irancell"
    return kind


@dataclass(frozen=True, slots=True)
class _Meant:
    """A kind that chooses one operator, and towers if its shapes do."""

    kind: str
    operator: str

    def tree(self, tree: Tree[Criterion]) -> Tree[Criterion]:
        """Return a tree whose every rented leaf says what the kind means."""
        branches = {name: tuple(map(self.node, getattr(tree, name))) for name in ("any", "all", "none")}
        return Tree(tree.at, **branches)

    def node(self, node: Node) -> Node:
        """Return a node as the kind means it."""
        if isinstance(node, Tree):
            return self.tree(node)
        one = node.criterion
        if one.own or _is_of(one, self.operator):
            return self._on_towers(node) if self.kind == "bts" else node
        if getattr(one, "operator", "") is None:
            changed: Any = replace(one, operator=self.operator)  # type: ignore[type-var]
            return self._on_towers(Leaf(node.at, changed)) if self.kind == "bts" else Leaf(node.at, changed)
        return Tree(node.at, (), (node, Leaf(f"{node.at}.all", Line(operator=self.operator))), ())

    def _on_towers(self, leaf: Leaf[Criterion]) -> Leaf[Criterion]:
        """Return a shape as the towers inside it; any other leaf as it is."""
        one = leaf.criterion
        if isinstance(one, Circle):
            shape: dict[str, Any] = {
                "kind": "circle", "lon": one.lon, "lat": one.lat, "radius_m": one.radius_m
            }  # fmt: skip
        elif isinstance(one, Polygon):
            shape = {"kind": "polygon", "geometry": one.geometry}
        else:
            return leaf
        try:
            return Leaf(leaf.at, TowersIn(shape))
        except Refused as refused:  # in what was written there is no shape, only its fields
            with located(leaf.at):
                raise Refused(refused.field.removeprefix("shape."), refused.en, refused.fa) from refused


def _is_of(one: Any, operator: str) -> bool:
    """Say whether a criterion chooses this operator by itself, however it is called."""
    said = getattr(one, "of", None) or getattr(one, "operator", None)
    return said is not None and key(said) in {key(word) for word in words_of([operator])}
