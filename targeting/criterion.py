"""What a criterion promises: fields checked when it is made, places checked against a snapshot,
one SQL condition.

A criterion of the bank selects subscribers; one of the account's own brings its numbers (architecture.md 5).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from data.errors import Refused
from data.rules.persian import persian_sentence

if TYPE_CHECKING:
    import polars as pl

    from data.store.population import Population
    from targeting.places import Places

_names = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Condition:
    """A boolean SQL expression over alias `s` of subscribers; NULL counts as no."""

    sql: str
    params: list[Any] = field(default_factory=list)
    relations: dict[str, pl.DataFrame] = field(default_factory=dict)  # name → frame that `sql` reads


@dataclass(frozen=True, slots=True)
class OwnNumbers:
    """The account's own numbers: `frame` holds msisdn (UInt64, unique),
    times (UInt32) and merge fields (String).
    """

    frame: pl.DataFrame
    rejected: int = 0
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the person should know that is no error; its Persian has Persian digits."""

    code: str
    en: str
    fa: str

    def __post_init__(self) -> None:
        """Write the numbers of the Persian sentence as Persian does, whoever composed it."""
        object.__setattr__(self, "fa", persian_sentence(self.fa))

    def to_json(self) -> dict[str, str]:
        """Return the notice as a JSON object."""
        return {"code": self.code, "en": self.en, "fa": self.fa}


class Criterion(Protocol):
    """A frozen dataclass whose fields are those of cli.md; `__post_init__` refuses what could never be
    right.
    """

    kind: ClassVar[str]
    own: ClassVar[bool]  # True: the account's own numbers; False: the rented bank

    def check(self, places: Places) -> None:
        """Raise Refused, naming the field, where the snapshot does not know a place, operator, code …"""


class BankCriterion(Criterion, Protocol):
    """A criterion over subscribers."""

    def condition(self, population: Population, today: date) -> Condition:
        """Return who matches on `today`."""


class OwnCriterion(Criterion, Protocol):
    """A criterion that brings numbers of the account."""

    def numbers_of(self, account_id: int | None, region: str) -> OwnNumbers:
        """Return the numbers; raises Refused where they cannot be read."""


def relation_name(what: str) -> str:
    """Return a name for a registered frame that no other relation of this process has."""
    return f"{what}_{next(_names)}"


def both(*conditions: Condition | None) -> Condition:
    """Join conditions by AND; None stands for no condition."""
    real = [one for one in conditions if one is not None]
    params = [value for one in real for value in one.params]
    relations = {name: frame for one in real for name, frame in one.relations.items()}
    return Condition(" AND ".join(f"({one.sql})" for one in real) or "TRUE", params, relations)


def equals(column: str, value: str | None) -> Condition | None:
    """Return `s.column = value`, or None where there is nothing to compare."""
    return None if value is None else Condition(f"s.{column} = ?", [value])


def one_of(column: str, values: list[Any]) -> Condition:
    """Return `s.column IN values`."""
    return Condition(f"s.{column} IN ({', '.join('?' * len(values))})" if values else "FALSE", list(values))


@contextmanager
def located(at: str) -> Iterator[None]:
    """Put the dotted path of the criterion before the field that is refused inside."""
    try:
        yield
    except Refused as error:
        raise Refused(
            f"{at}.{error.field}" if at and error.field else at or error.field, error.en, error.fa
        ) from error


def need(condition: bool, field_name: str, say: Callable[[], tuple[str, str]]) -> None:
    """Raise Refused(field, en, fa) unless `condition` holds."""
    if not condition:
        en, fa = say()
        raise Refused(field_name, en, fa)
