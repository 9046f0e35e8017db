"""An audience as SQL: one boolean WHERE over alias `s`, the people it runs over, and the frames it reads.

Bank-only trees run straight over `subscribers`. With own numbers,
those that are no subscribers join them as rows
of number, order and operator only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from data.errors import Refused
from data.rules.kinds import TOWERS_IN
from data.rules.operators_columns import operator_column
from data.rules.order_columns import order_keys
from data.settings import settings
from targeting.criterion import Condition, Own, OwnNumbers, Understood, located, relation_name
from targeting.scope import NO_SALT
from targeting.tree import Asked, Audience, Leaf, Tree, brought_by
from targeting.understanding import understand

if TYPE_CHECKING:
    import duckdb

    from data.store.population import Population
    from targeting.scope import Scope

NOWHERE = Condition("FALSE")
EVERYBODY = Condition("TRUE")
Pick = Callable[[Leaf[Understood], bool], Condition]


@dataclass(slots=True)
class Universe:
    """What a question is asked of: close it when done."""

    con: duckdb.DuckDBPyConnection
    source: str  # table, or a sub-query in brackets
    where: Condition
    certain: Condition  # who is there by own numbers alone, whatever the bank says
    towers: Condition | None  # whom towers in a shape bring; None: no such leaf adds people
    hits: Condition | None  # by how many of several `any` a person was matched; None: by one
    asked: Asked  # what was understood of the audience
    own: dict[str, OwnNumbers] = field(default_factory=dict)  # place in the tree → numbers that add people

    def register(self, what: str, frame: pl.DataFrame) -> str:
        """Make a frame readable in SQL and return its name."""
        name = relation_name(what)
        self.con.register(name, frame)
        return name

    def close(self) -> None:
        """Forget the frames; the population itself stays open."""
        self.con.close()


def open_universe(audience: Audience, population: Population | None, who: Scope) -> Universe:
    """Understand every criterion and return the audience as SQL; raise Refused naming the dotted field."""
    asked = understand(audience, population, who.account_id)
    _refuse_turned(asked.tree)
    own, picked = _read(asked, population, who)
    con = population.con.cursor() if population else _memory()
    for condition in picked.values():
        for name, frame in condition.relations.items():
            con.register(name, frame)
    where = _tree(asked.tree, lambda leaf, _: picked[leaf.at], True)
    certain = _tree(asked.tree, partial(_certain, picked), True) if own else NOWHERE
    towers = brought_by(asked.tree, TOWERS_IN)
    brought = _tree(towers, lambda leaf, _: picked[leaf.at], True) if towers else None
    universe = Universe(con, "subscribers", where, certain, brought, _hits(asked.tree, picked), asked)
    if own:
        universe.source = _with_strangers(universe, own, population, who)
        adding = {leaf.at for leaf, positive in asked.tree.leaves() if positive}
        universe.own = {at: numbers for at, numbers in own.items() if at in adding}
    return universe


def _refuse_turned(tree: Tree[Understood]) -> None:
    """Refuse towers that bring people by being left out of what is left out: whom they bring could then not
    be told from the rest, and the least that a tower send needs would not be asked for.
    """
    for leaf, positive in tree.leaves():
        if positive and leaf.criterion.kind == TOWERS_IN and "none" in leaf.at.split("."):
            raise Refused(
                leaf.at, "towers stand in any or all, or in one none: not in a none inside a none",
                "دکل‌ها در any یا all می‌آیند، یا در یک none؛ نه در none درون none",
            )  # fmt: skip


def _read(
    asked: Asked, population: Population | None, who: Scope
) -> tuple[dict[str, OwnNumbers], dict[str, Condition]]:
    """Return the own numbers and the condition of every leaf, by its place in the tree."""
    own: dict[str, OwnNumbers] = {}
    picked: dict[str, Condition] = {}
    for leaf, _ in asked.tree.leaves():
        with located(leaf.at):
            if isinstance(leaf.criterion, Own):
                own[leaf.at] = leaf.criterion.numbers()
                name = relation_name("own")
                picked[leaf.at] = Condition(
                    f"s.msisdn IN (SELECT msisdn FROM {name})",
                    [],
                    {name: own[leaf.at].frame.select("msisdn")},
                )
            else:
                assert population is not None, "rented criteria are understood by a population"
                picked[leaf.at] = leaf.criterion.where(population, who.today)
    return own, picked


def _certain(picked: dict[str, Condition], leaf: Leaf[Understood], positive: bool) -> Condition:
    """Assume the worst of the bank: it adds nobody and takes everybody away."""
    if isinstance(leaf.criterion, Own):
        return picked[leaf.at]
    return NOWHERE if positive else EVERYBODY


def _tree(tree: Tree[Understood], pick: Pick, positive: bool) -> Condition:
    """Return a tree as one boolean expression; who a `none` cannot judge (NULL) is not taken away."""
    parts: list[tuple[str, list[Any]]] = []
    if tree.any:
        some = [_node(node, pick, positive) for node in tree.any]
        parts.append((" OR ".join(f"({one.sql})" for one in some), _params(some)))
    for node in tree.all:
        one = _node(node, pick, positive)
        parts.append((one.sql, one.params))
    for node in tree.none:
        one = _node(node, pick, not positive)
        parts.append((f"({one.sql}) IS NOT TRUE", one.params))
    return Condition(
        " AND ".join(f"({sql})" for sql, _ in parts), [value for _, more in parts for value in more]
    )


def _node(node: Leaf[Understood] | Tree[Understood], pick: Pick, positive: bool) -> Condition:
    return pick(node, positive) if isinstance(node, Leaf) else _tree(node, pick, positive)


def _hits(tree: Tree[Understood], picked: dict[str, Condition]) -> Condition | None:
    """Return an expression that counts by how many of `any` a person is matched."""
    if len(tree.any) < 2:
        return None
    some = [_node(node, lambda leaf, _: picked[leaf.at], True) for node in tree.any]
    return Condition(" + ".join(f"(({one.sql}) IS TRUE)::INTEGER" for one in some), _params(some))


def _with_strangers(
    universe: Universe, own: dict[str, OwnNumbers], population: Population | None, who: Scope
) -> str:
    """Return a source that also holds the listed numbers that are no subscribers;
    their other columns are unknown.
    """
    listed = pl.concat([numbers.frame.select("msisdn") for numbers in own.values()]).unique()
    region = population.snapshot.region if population else settings().region
    if population:
        name = universe.register("listed", listed)
        query = f"SELECT l.msisdn FROM {name} l ANTI JOIN subscribers s ON s.msisdn = l.msisdn"
        listed = universe.con.sql(query).pl()
    keys = order_keys(listed["msisdn"].to_numpy(), salt_of(population, who))
    strangers = listed.select(
        "msisdn",
        order_key=pl.Series(keys, dtype=pl.UInt64),
        operator=operator_column(pl.col("msisdn"), region),
    )
    name = universe.register("strangers", strangers)
    if not population:
        return f"(SELECT *, NULL::BOOLEAN AS opted_out FROM {name})"
    known = "SELECT * REPLACE (operator::VARCHAR AS operator) FROM subscribers"
    return f"({known} UNION ALL BY NAME SELECT * FROM {name})"


def salt_of(population: Population | None, who: Scope) -> bytes:
    """Return the salt of the order: the home's, or the snapshot's own where no home is asked."""
    return population.snapshot.salt if population and who.salt == NO_SALT else who.salt


def order_of(universe: Universe, population: Population | None, who: Scope) -> tuple[str, str]:
    """Return a join and an expression: everybody's place in the home's order.

    A snapshot keeps the places it was built with. One that came from another home, or from before the
    home had an order of its own, was built under another salt: the places of those who match are reckoned
    anew, so that no slice mixes two orders.
    """
    if population is None or salt_of(population, who) == population.snapshot.salt:
        return "", "s.order_key"
    query = f"SELECT s.msisdn FROM {universe.source} s WHERE {universe.where.sql}"
    matched = universe.con.sql(query, params=universe.where.params).pl()
    keys = order_keys(matched["msisdn"].to_numpy(), who.salt)
    name = universe.register("keyed", matched.with_columns(order_key=pl.Series(keys, dtype=pl.UInt64)))
    return f" JOIN {name} ON {name}.msisdn = s.msisdn", f"{name}.order_key"


def _memory() -> duckdb.DuckDBPyConnection:
    import duckdb

    return duckdb.connect(":memory:", config={"enable_external_access": False})


def _params(conditions: Sequence[Condition]) -> list[Any]:
    return [value for one in conditions for value in one.params]
