"""What a criterion promises: fields checked when it is made, words understood against a snapshot, and then
one SQL condition or one list of numbers.

What is written (`Criterion`) can be asked nothing: `understood` turns its words into codes of the snapshot,
and only what was understood (`Rented`, `Own`) has a condition, numbers and a form by which two writings of
the same are one. A condition compares with a `Code`, never with what somebody typed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from data.errors import Refused
from data.rules.persian import persian_sentence
from targeting.codes import Code

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


@dataclass(frozen=True, slots=True)
class Ground:
    """By what words are understood: the names of a snapshot, a numbering plan, the account's uploads."""

    names: Places | None  # None: no population is open, and none is needed
    region: str
    account_id: int | None

    @property
    def places(self) -> Places:
        """The names of the snapshot; whoever asks about rented numbers has opened one."""
        assert self.names is not None, "a rented criterion needs a population; the caller opens one"
        return self.names


@dataclass(frozen=True, slots=True)
class Rented:
    """A criterion over subscribers whose words are codes; `form` is equal for every writing of the same."""

    kind: str
    form: dict[str, Any]
    where: Callable[[Population, date], Condition]


@dataclass(frozen=True, slots=True)
class Own:
    """A criterion that brings numbers of the account; `numbers` raises Refused where they cannot be read."""

    kind: str
    form: dict[str, Any]
    numbers: Callable[[], OwnNumbers]


Understood = Rented | Own


class Criterion(Protocol):
    """A frozen dataclass whose fields are those of cli.md; `__post_init__` refuses what could never be
    right.
    """

    kind: ClassVar[str]
    own: ClassVar[bool]  # True: the account's own numbers; False: the rented bank

    def understood(self, ground: Ground) -> Understood:
        """Return what is asked, in the snapshot's own codes; raise Refused, naming the field and the nearest
        that there are, where it does not know a place, operator, code …
        """


def relation_name(what: str) -> str:
    """Return a name for a registered frame that no other relation of this process has."""
    return f"{what}_{next(_names)}"


def both(*conditions: Condition | None) -> Condition:
    """Join conditions by AND; None stands for no condition."""
    real = [one for one in conditions if one is not None]
    params = [value for one in real for value in one.params]
    relations = {name: frame for one in real for name, frame in one.relations.items()}
    return Condition(" AND ".join(f"({one.sql})" for one in real) or "TRUE", params, relations)


def fixed(condition: Condition) -> Callable[[Population, date], Condition]:
    """Return a condition that hangs neither on the population nor on the day."""
    return lambda _population, _today: condition


def equals(column: str, value: Code | None) -> Condition | None:
    """Return `s.column = value`, or None where there is nothing to compare."""
    return None if value is None else Condition(f"s.{column} = ?", [value])


def one_of(column: str, values: Sequence[Code] | Sequence[int]) -> Condition:
    """Return `s.column IN values`."""
    return Condition(f"s.{column} IN ({', '.join('?' * len(values))})" if values else "FALSE", list(values))


@contextmanager
def located(at: str) -> Iterator[None]:
    """Put the dotted path of the criterion before the field that is refused inside."""
    try:
        yield
    except Refused as error:
        raise Refused(
            f"{at}.{error.field}" if at and error.field else at or error.field, error.en, error.fa,
            mend=error.mend, about=error.about,
        ) from error  # fmt: skip


def need(condition: bool, field_name: str, say: Callable[[], tuple[str, str]]) -> None:
    """Raise Refused(field, en, fa) unless `condition` holds."""
    if not condition:
        en, fa = say()
        raise Refused(field_name, en, fa)
