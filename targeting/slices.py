"""Row and count: which part of an ordered set a send takes (R1.12-R1.14, R16.14).

A row is a place in the whole order (order key, number) of who matches. A slice walks from there, passing over
whom it must leave out, until it has as many as asked for or nobody is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from targeting.criterion import Notice

if TYPE_CHECKING:
    import duckdb

OTHER = "other"
KEPT = "NOT gone AND NOT had"
ALL, NONE, ONCE = "TRUE", "FALSE", "1"  # of a column that everybody has alike
Place = tuple[int, int]  # order key and number of a person


@dataclass(frozen=True, slots=True)
class People:
    """Who matches an audience, as a sub-query in brackets with its parameters.

    Columns: msisdn, operator (text or ENUM), k (order key), rented, towered, gone (must not be written to),
    had (wrote to before, left out), again (written to before, taken all the same), times (conditions of
    `any`). `alike` names the columns that are the same of everybody, each with its SQL: no sum of them needs
    to be taken.
    """

    con: duckdb.DuckDBPyConnection
    sql: str
    params: list[object]
    alike: dict[str, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: from which row, how many (None: all), and how few rented people may not be left."""

    row: int
    count: int | None
    least_left: int


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a slice went: `taken` is a condition over People; sums are people in it and round it."""

    taken: str
    by_operator: dict[str, int]
    towered: int  # of them, whom towers in a shape bring
    next_row: int
    had: int  # passed over because they had it
    again: int  # taken although they had it
    behind: int  # rented people behind it, who could be written to
    along: int  # rented people beyond `count`, taken because they would have been too few to be left
    last: Place | None  # of the last person looked at; None: to the end of the set
    beyond: bool  # the row lies behind the last person


def walk(people: People, wish: Wish, matched: int) -> Walk:
    """Walk from a row of the `matched` people until `count` are taken or the set ends."""
    assert wish.row >= 1, "rows count from 1"
    first = None if wish.row == 1 else _place(people, "TRUE", wish.row)
    if wish.row > 1 and first is None:
        return Walk("FALSE", {}, 0, wish.row, 0, 0, 0, 0, None, beyond=True)
    begun = "TRUE" if first is None else f"NOT ({_before(first)})"
    kept = f"{KEPT} AND {begun}"
    last = None if wish.count is None else _place(people, kept, wish.count)
    looked = begun if last is None else f"{begun} AND {_up_to(last)}"
    behind = "FALSE" if last is None else f"{KEPT} AND NOT {_up_to(last)}"
    rows = people.con.execute(
        f"SELECT operator::VARCHAR, count(*) FILTER (WHERE {looked}),"
        f" count(*) FILTER (WHERE {kept} AND {looked}),"
        f" count(*) FILTER (WHERE had AND NOT gone AND {looked}),"
        f" count(*) FILTER (WHERE again AND {kept} AND {looked}),"
        f" count(*) FILTER (WHERE rented AND {behind}), count(*) FILTER (WHERE NOT rented AND {behind}),"
        f" count(*) FILTER (WHERE towered AND {kept} AND {looked}),"
        f" count(*) FILTER (WHERE towered AND rented AND {behind})"
        f" FROM {people.sql} p GROUP BY ALL",
        people.params,
    ).fetchall()
    seen, had, again, rented, own, towered, more = (
        sum(row[at] for row in rows) for at in (1, 3, 4, 5, 6, 7, 8)
    )
    along = 0 < rented < wish.least_left
    found: dict[str, int] = {}
    for operator, _, n, _, _, left, *_ in rows:
        name = operator or OTHER
        found[name] = found.get(name, 0) + n + (left if along else 0)
    if along and not own:
        last = None
    return Walk(
        taken=f"{kept} AND ({looked} OR (rented AND {behind}))" if along else f"{kept} AND {looked}",
        by_operator={name: n for name, n in found.items() if n}, towered=towered + (more if along else 0),
        next_row=matched + 1 if last is None else wish.row + seen,
        had=had, again=again, behind=0 if along else rented, along=rented if along else 0, last=last,
        beyond=False,
    )  # fmt: skip


def notices(found: Walk, wish: Wish, matched: int, least: int) -> list[Notice]:
    """Return what to say where a slice is not simply what was asked for; fewer than `least` are not left."""
    said = []
    taken = sum(found.by_operator.values())
    if found.beyond and matched:
        said.append(Notice(
            "row_beyond_end", f"row {wish.row:,} is beyond the {matched:,} that match; nobody is taken",
            f"ردیف {wish.row:,} از {matched:,} نفر برگزیده بیشتر است؛ کسی برداشته نشد",
        ))  # fmt: skip
    elif wish.count is not None and taken < wish.count:
        said.append(Notice(
            "count_cut", f"{taken:,} of the {wish.count:,} asked for are there; count was cut",
            f"از {wish.count:,} نفرِ خواسته‌شده {taken:,} نفر هست؛ تعداد کم شد",
        ))  # fmt: skip
    if found.along:
        said.append(Notice(
            "rest_taken_along",
            f"fewer than {least} people would be left behind this slice; they are taken along",
            f"پس از این بخش کمتر از {least} نفر می‌ماند؛ آن‌ها هم برداشته شدند",
        ))  # fmt: skip
    return [*said, *([_had_notice(found.had)] if found.had else []),
            *([_again_notice(found.again)] if found.again else [])]  # fmt: skip


def _had_notice(people: int) -> Notice:
    """Return what to say of people who were passed over because they had it."""
    return Notice(
        "had_already",
        f"{people:,} {'person' if people == 1 else 'people'} had it already and {_was(people)} left out",
        f"{people:,} نفر پیش‌تر گرفته بودند و کنار گذاشته شدند",
    )


def _again_notice(people: int) -> Notice:
    """Return what to say of people who had it and get it once more because the file says so."""
    return Notice(
        "again",
        f"{people:,} {'person' if people == 1 else 'people'} had it already and "
        f"{'gets' if people == 1 else 'get'} it again",
        f"{people:,} نفر پیش‌تر گرفته بودند و دوباره می‌گیرند",
    )


def _place(people: People, condition: str, nth: int) -> Place | None:
    """Return the place of the nth person (from 1) of a condition, or None where there are fewer."""
    query = f"SELECT k, msisdn FROM {people.sql} p WHERE {condition} ORDER BY k, msisdn LIMIT 1 OFFSET "
    rows = people.con.execute(query + str(nth - 1), people.params).fetchall()
    return (int(rows[0][0]), int(rows[0][1])) if rows else None


def _before(place: Place) -> str:
    key, number = (f"{value}::UBIGINT" for value in place)
    return f"k < {key} OR (k = {key} AND msisdn < {number})"


def _up_to(place: Place) -> str:
    key, number = (f"{value}::UBIGINT" for value in place)
    return f"(k < {key} OR (k = {key} AND msisdn <= {number}))"


def _was(people: int) -> str:
    return "was" if people == 1 else "were"
