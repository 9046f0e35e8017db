"""What a send kind adds to an audience: its operator, and towers instead of positions (decisions 26, 27)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from data.errors import Refused
from data.rules import kinds
from data.settings import settings
from targeting.criteria.circle import Circle
from targeting.criteria.line import Line
from targeting.criteria.polygon import Polygon
from targeting.criterion import Condition, Criterion, Ground, Rented, both, equals, one_of
from targeting.regions import box_condition, circle_condition, read_shape
from targeting.tree import Audience, Leaf, Tree, parse_audience

if TYPE_CHECKING:
    from data.store.population import Population


@dataclass(frozen=True, slots=True)
class OnTowers:
    """People last seen at the towers whose point lies in a shape; made from a circle or polygon, never
    written.
    """

    kind: ClassVar[str] = "on_towers"
    own: ClassVar[bool] = False

    shape: Circle | Polygon

    def understood(self, ground: Ground) -> Rented:
        """Return who was last seen there, of the shape's operator; a place without towers holds nobody."""
        drawn, operator = self.shape.understood(ground), ground.places.operator(self.shape.operator)
        return Rented(
            self.kind,
            {"shape": {"kind": drawn.kind} | drawn.form},
            lambda population, _: both(equals("operator", operator), self._seen_there(population)),
        )

    def _seen_there(self, population: Population) -> Condition:
        con = population.con.cursor()
        if isinstance(self.shape, Circle):
            inside = circle_condition(self.shape.lon, self.shape.lat, self.shape.radius_m)
            rows = con.execute(f"SELECT id FROM towers s WHERE {inside.sql}", inside.params).fetchall()
            return one_of("tower", [tower for (tower,) in rows])
        return one_of("tower", _towers_inside(self.shape, con))


def with_kind(audience: Audience, kind: str) -> Audience:
    """Return the audience as its send kind means it; raise Refused where the kind does not allow it."""
    tree = audience.tree
    if kind in kinds.ON_TOWERS:
        _check_radii(tree)
        tree = _on_towers(tree)
    operator = kinds.OPERATOR_OF.get(kind)
    if operator:
        only: Leaf[Criterion] = Leaf("all", Line(operator=operator))
        tree = Tree("", (), (tree, only), ())
    return replace(audience, tree=tree)


def audience_of(obj: Any, kind: str) -> Audience:
    """Return the audience that an order of this kind means by a JSON object; raise Refused."""
    return with_kind(parse_audience(obj), kind)


def _on_towers(tree: Tree[Criterion]) -> Tree[Criterion]:
    branches = {name: tuple(_moved(node) for node in getattr(tree, name)) for name in ("any", "all", "none")}
    return Tree(tree.at, **branches)


def _moved(node: Leaf[Criterion] | Tree[Criterion]) -> Leaf[Criterion] | Tree[Criterion]:
    if isinstance(node, Tree):
        return _on_towers(node)
    shape = node.criterion
    return Leaf(node.at, OnTowers(shape)) if isinstance(shape, (Circle, Polygon)) else node


def _check_radii(tree: Tree[Criterion]) -> None:
    limits = settings().bts
    for leaf, _ in tree.leaves():
        shape = leaf.criterion
        if isinstance(shape, Circle) and not limits.radius_min_m <= shape.radius_m <= limits.radius_max_m:
            raise Refused(
                f"{leaf.at}.radius_m",
                f"a tower send takes a radius of {limits.radius_min_m:,} to {limits.radius_max_m:,} metres",
                f"شعاع ارسال دکل باید {limits.radius_min_m:,} تا {limits.radius_max_m:,} متر باشد",
            )


def _towers_inside(shape: Polygon, con: Any) -> list[int]:
    import shapely

    drawn = read_shape(shape.geometry)
    box = box_condition(*drawn.bounds)
    near = con.sql(f"SELECT id, lon, lat FROM towers s WHERE {box.sql}", params=box.params).pl()
    inside = shapely.intersects_xy(drawn, near["lon"].to_numpy(), near["lat"].to_numpy())
    found: list[int] = near.filter(inside)["id"].to_list()
    return found
