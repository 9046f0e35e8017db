"""Numbers that must not be written to: for one account, or for everybody (R1.21, P13).

What stops what is `data.rules.purposes`. An entry is never changed: it ends (`lift`), and a new one begins.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.rules.msisdn import Msisdn, asserted
from data.rules.purposes import STOPPED_BY, SUPPRESSION_KINDS, Purpose
from data.store.tables import inbound, line, suppression

if TYPE_CHECKING:
    import polars as pl

REASONS = SUPPRESSION_KINDS
LISTED_MAX = 5_000
NUMBERS_A_ROW = 8  # so many look-ups cost about as much as reading one entry


@dataclass(frozen=True, slots=True)
class Cause:
    """Why entries were made: by whom, the reason given, the message or the list that brought them."""

    actor: str | None = None
    note: str | None = None
    line_id: int | None = None
    inbound_id: int | None = None
    import_id: int | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """Why entries ended: by whom, the reason given, the person's message or the proof it rests on."""

    lifted_by: str | None = None
    lifted_note: str | None = None
    lifted_inbound_id: int | None = None
    proof_id: int | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for among the entries in force; None means anything."""

    kind: str | None = None
    number: int | None = None
    import_id: int | None = None
    ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A number that must not be written to, and why; `line` None: on every line."""

    id: int
    account_id: int | None
    msisdn: Msisdn
    kind: str
    line: str | None
    source: str
    note: str | None
    actor: str | None
    inbound_id: int | None
    at: datetime
    said: str | None  # the message of the person that caused it


@dataclass(frozen=True, slots=True)
class Tally:
    """How many entries of a kind are in force, and how many of them are new."""

    kind: str
    entries: int
    new: int


def add(
    c: Connection, numbers: Iterable[int], *, account_id: int | None, why: str, source: str, now: datetime,
    cause: Cause = Cause(),
) -> int:  # fmt: skip
    """Suppress numbers that are not suppressed so yet (kind and line); return how many were added."""
    assert why in REASONS, why
    wanted = asserted(numbers)
    s = suppression.c
    same = (_of(account_id), s.why == why, s.line_id.is_not_distinct_from(cause.line_id))
    known = sa.select(s.msisdn).where(
        *same, s.lifted_at.is_(None), s.msisdn.in_(sa.select(_listed(c, wanted)))
    )
    has = set(c.scalars(known))
    made = {"account_id": account_id, "why": why, "source": source, "at": now} | asdict(cause)
    rows = [made | {"msisdn": number} for number in wanted if number not in has]
    if rows:
        c.execute(sa.insert(suppression), rows)
    return len(rows)


def lift(
    c: Connection, numbers: Iterable[int], *, account_id: int | None, now: datetime,
    kinds: Sequence[str] = REASONS, ending: Ending = Ending(),
) -> int:  # fmt: skip
    """End the suppression of numbers, of some kinds, on every line; return how many people came back."""
    ends = (
        _of(account_id), suppression.c.why.in_(kinds), suppression.c.lifted_at.is_(None),
        suppression.c.msisdn.in_(sa.select(_listed(c, sorted(set(numbers))))),
    )  # fmt: skip
    ended = sa.update(suppression).where(*ends).values(lifted_at=now, **asdict(ending))
    return len(set(c.scalars(ended.returning(suppression.c.msisdn))))


def opted_out(c: Connection, numbers: list[int]) -> pl.DataFrame:
    """Return the opt-outs in force of these numbers, of every account: account_id, msisdn, line_id."""
    import polars as pl

    s = suppression.c
    own = (s.why == "opt_out", s.lifted_at.is_(None), s.account_id.is_not(None))
    query = sa.select(s.account_id, s.msisdn, s.line_id)
    rows = c.execute(query.where(*own, s.msisdn.in_(sa.select(_listed(c, numbers)))))
    schema = {"account_id": pl.Int64, "msisdn": pl.UInt64, "line_id": pl.Int64}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def leave(c: Connection, rows: list[dict[str, Any]]) -> None:
    """Enter opt-outs that people's own messages caused, those among them that a later one ended already."""
    if rows:
        asserted(row["msisdn"] for row in rows)
        c.execute(sa.insert(suppression), [row | {"why": "opt_out", "source": "inbound"} for row in rows])


def come_back(c: Connection, rows: list[dict[str, Any]], *, actor: str) -> None:
    """End the opt-outs of people (account_id, msisdn) by their message `id` of the moment `at`."""
    if rows:
        given = [row | {"actor": actor} for row in rows]
        c.execute(_COME_BACK, [{f"its_{name}": value for name, value in row.items()} for row in given])


def newest(c: Connection) -> int:
    """Return the highest id given out so far; a run stores it with its set."""
    return int(c.scalar(sa.select(sa.func.coalesce(sa.func.max(suppression.c.id), 0))) or 0)


def history(c: Connection, number: int, *, account_id: int) -> list[dict[str, Any]]:
    """Return every entry about a number that concerns an account, lifted ones too, oldest first."""
    query = sa.select(suppression).where(suppression.c.msisdn == number, _concerns(account_id))
    return [dict(row) for row in c.execute(query.order_by(suppression.c.id)).mappings()]


def numbers(
    c: Connection, account_id: int | None, *, stops: Purpose = "advert", line_id: int | None = None,
    after: int = 0,
) -> pl.DataFrame:  # fmt: skip
    """Return `msisdn` (UInt64) of everybody whom a message for that purpose must not reach from this account.

    `line_id` is the line it leaves by: greetings and notices are stopped on the line that was told so. Only
    entries newer than `after`.
    """
    stopped = _stopping(account_id, stops, line_id)
    return _frame(c, sa.select(suppression.c.msisdn).where(*stopped, suppression.c.id > after))


def chosen(
    c: Connection, account_id: int | None, *, stops: Purpose = "advert", line_id: int | None = None
) -> int:
    """Return how many of `numbers` the account entered by itself: neither people's own opt-outs nor what
    the home's operator keeps for everybody.
    """
    s = suppression.c
    mine = s.account_id.is_not(None), s.source != "inbound"
    query = sa.select(sa.func.count(sa.distinct(s.msisdn)))
    return int(c.scalar(query.where(*_stopping(account_id, stops, line_id), *mine)) or 0)


def among(
    c: Connection, account_id: int | None, asked: pl.Series, *, stops: Purpose = "advert",
    line_id: int | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Return `msisdn` (UInt64) of those of the `asked` numbers (UInt64) whom such a message must not reach.

    Each is looked up by its number, or where fewer are suppressed at all these are read whole: ids do not
    commit in the order in which they were given out, so what is newer than an id that was seen is not all
    that came since.
    """
    import polars as pl

    stopping = _stopping(account_id, stops, line_id)
    few = asked.len() // NUMBERS_A_ROW
    entries = sa.select(sa.literal(1)).select_from(suppression).where(_concerns(account_id)).limit(few + 1)
    if (c.scalar(sa.select(sa.func.count()).select_from(entries.subquery())) or 0) <= few:
        stopped = _frame(c, sa.select(suppression.c.msisdn).where(*stopping))
        return stopped.filter(pl.col("msisdn").is_in(asked.implode()))
    each = _listed(c, asked.to_list())
    return _frame(c, sa.select(each).where(sa.exists().where(suppression.c.msisdn == each, *stopping)))


def search(
    c: Connection, account_id: int | None, wanted: Filter, *, limit: int, after: int | None = None
) -> list[Entry]:
    """Return an owner's entries in force (None: everybody's), newest first, with ids below `after`."""
    assert 0 <= limit <= LISTED_MAX, limit
    s = suppression.c
    query = sa.select(suppression, line.c.name.label("line"), inbound.c.text.label("said"))
    query = query.outerjoin(line, line.c.id == s.line_id).outerjoin(inbound, inbound.c.id == s.inbound_id)
    query = query.where(*_wanted(account_id, wanted))
    query = query if after is None else query.where(s.id < after)
    return [_entry(row) for row in c.execute(query.order_by(s.id.desc()).limit(limit))]


def count(c: Connection, account_id: int | None, wanted: Filter) -> int:
    """Return how many entries `search` would go through."""
    query = sa.select(sa.func.count()).select_from(suppression).where(*_wanted(account_id, wanted))
    return int(c.scalar(query) or 0)


def tally(c: Connection, account_id: int | None, *, since: datetime) -> tuple[int, list[Tally]]:
    """Return how many people are suppressed for an owner, and how many entries by kind, new ones `since`."""
    s = suppression.c
    in_force = (_of(account_id), s.lifted_at.is_(None))
    people = c.scalar(sa.select(sa.func.count(s.msisdn.distinct())).where(*in_force))
    new = sa.func.count(sa.case((s.at >= since, 1)))
    kinds = c.execute(sa.select(s.why, sa.func.count(), new).where(*in_force).group_by(s.why))
    return int(people or 0), [Tally(kind, entries, fresh) for kind, entries, fresh in kinds]


def _wanted(account_id: int | None, wanted: Filter) -> list[sa.ColumnElement[bool]]:
    s = suppression.c
    pairs = ((s.why, wanted.kind), (s.msisdn, wanted.number), (s.import_id, wanted.import_id))
    found = [_of(account_id), s.lifted_at.is_(None)]
    found += [column == value for column, value in pairs if value is not None]
    return found if wanted.ids is None else [*found, s.id.in_(wanted.ids)]


def _stopping(
    account_id: int | None, stops: Purpose, line_id: int | None
) -> tuple[sa.ColumnElement[bool], ...]:
    s = suppression.c
    everywhere, on_its_line = STOPPED_BY[stops]
    stopped: sa.ColumnElement[bool] = s.why.in_(sorted(everywhere))
    if on_its_line:
        stopped |= s.why.in_(sorted(on_its_line)) & (s.line_id.is_(None) | (s.line_id == line_id))
    return s.lifted_at.is_(None), _concerns(account_id), stopped


def _of(account_id: int | None) -> sa.ColumnElement[bool]:
    owner = suppression.c.account_id
    return owner.is_(None) if account_id is None else owner == account_id


def _concerns(account_id: int | None) -> sa.ColumnElement[bool]:
    return sa.or_(suppression.c.account_id.is_(None), _of(account_id))


def _listed(c: Connection, asked: Sequence[int]) -> sa.ColumnElement[int]:
    """Numbers as rows of the database, in one parameter: one probe of the index a number."""
    if c.dialect.name == "postgresql":
        return sa.func.unnest(sa.literal(list(asked), sa.ARRAY(sa.BigInteger))).column_valued("value")
    return sa.func.json_each(json.dumps(asked)).table_valued("value").c.value


def _frame(c: Connection, query: sa.Select[int]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame({"msisdn": list(c.scalars(query.distinct()))}, schema={"msisdn": pl.UInt64})


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        row.id, row.account_id, row.msisdn, row.why, row.line, row.source, row.note, row.actor,
        row.inbound_id, row.at, row.said,
    )  # fmt: skip


_COME_BACK = (
    sa.update(suppression)
    .where(
        suppression.c.account_id == sa.bindparam("its_account_id"),
        suppression.c.msisdn == sa.bindparam("its_msisdn"),
        suppression.c.why == "opt_out",
        suppression.c.lifted_at.is_(None),
    )
    .values(
        lifted_at=sa.bindparam("its_at", type_=suppression.c.at.type),
        lifted_inbound_id=sa.bindparam("its_id"),
        lifted_by=sa.bindparam("its_actor"),
    )
)
