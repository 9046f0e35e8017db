"""The folded view of messages: recipients, submissions and receipts read together through DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.errors import Broken
from data.facts import receipts, submissions
from data.facts.reports import sql
from data.rules import status
from data.rules.persian import listed
from data.settings import settings
from data.store import engine, lake
from data.store.tables import batch, run

if TYPE_CHECKING:
    import duckdb

PAGE_ROWS_MAX = 1_000
HEARD = "run, pos, state, part, received_at"  # of receipts: what files of every version have


@dataclass(frozen=True, slots=True)
class Sources:
    """The files that speak of some runs, and their batches without an outcome."""

    sets: dict[int, str]
    submissions: list[str]
    receipts: list[str]
    unknown: list[dict[str, int]] = field(default_factory=list)


def sources(c: Connection, run_ids: Iterable[int]) -> Sources:
    """Find the files of these runs, in one consistent reading transaction."""
    ids = sorted(set(run_ids))
    root = lake.lake_root()
    rows = c.execute(
        sa.select(run.c.id, run.c.set_path).where(run.c.id.in_(ids), run.c.set_path.is_not(None))
    )
    open_batches = sa.select(batch.c.run_id, batch.c.pos_from, batch.c.n).where(
        batch.c.run_id.in_(ids), batch.c.state == "unknown"
    )
    return Sources(
        sets={row.id: str(root / row.set_path) for row in rows},
        **lake.paths_of_runs(c, ids, ("submissions", "receipts")),
        unknown=[{"run": r.run_id, "pos_from": r.pos_from, "n": r.n} for r in c.execute(open_batches)],
    )


def state_counts(found: Sources, *, now: datetime) -> pl.DataFrame:
    """Return run, state, operator, messages, parts, price_rials, charged, charged_rials, charged_parts."""
    return _ask(found, sql("state_counts"), now=now)


def owed(found: Sources, states: Iterable[str], *, now: datetime) -> pl.DataFrame:
    """Return what `state_counts` says, of those messages only that can be refunded or absorbed.

    `states` are the refundable ones. Few messages are in them, so that this costs a fraction of a whole fold.
    """
    return _ask(found, sql("state_counts"), now=now, only=(sql("owed"), {"states": sorted(states)}))


def by_state(found: Sources, *, now: datetime) -> dict[str, int]:
    """Return how many messages are in each state, most first."""
    counts = state_counts(found, now=now).group_by("state").agg(pl.col("messages").sum())
    return dict(counts.sort("messages", "state", descending=[True, False]).iter_rows())


def by_day(found: Sources, *, zone: str, now: datetime) -> pl.DataFrame:
    """Return day (civil day in `zone` on which it was sent), state, messages."""
    return _ask(found, sql("by_day"), now=now, params={"zone": zone})


def page(found: Sources, *, offset: int, limit: int, now: datetime, state: str | None = None,
         number: int | None = None, rented: bool = True) -> pl.DataFrame:  # fmt: skip
    """Return one page of messages by run and position, of a state or a number if asked; without `rented`
    only of people whose number the account brought itself.
    """
    assert 0 <= limit <= PAGE_ROWS_MAX, limit
    where, params = _filter(state, number, rented)
    return _ask(
        found, f"SELECT * FROM messages {where} ORDER BY run, pos LIMIT {int(limit)} OFFSET {int(offset)}",
        now=now, params=params,
    )  # fmt: skip


def without_final_state(
    found: Sources, *, sent_since: datetime, after: int, limit: int, now: datetime
) -> pl.DataFrame:
    """Return pos and gid of a run's accepted messages of which nobody told the end, from a position on."""
    params = {"final": sorted(status.FINAL), "since": sent_since, "after": after}
    return _ask(found, sql("without_final_state") + f" LIMIT {int(limit)}", now=now, params=params)


def matching(
    found: Sources, *, now: datetime, state: str | None = None, number: int | None = None, rented: bool = True
) -> int:
    """Return how many messages `page` would go through."""
    where, params = _filter(state, number, rented)
    return int(_ask(found, f"SELECT count(*) AS n FROM messages {where}", now=now, params=params)["n"][0])


def every(found: Sources, *, now: datetime) -> pl.DataFrame:
    """Return all messages, for exports and proofs."""
    return _ask(found, "SELECT * FROM messages ORDER BY run, pos", now=now)


def text_of(found: Sources, run_id: int, positions: Sequence[int]) -> pl.DataFrame:
    """Return pos and text of some messages of a run."""
    rows = pl.scan_parquet(found.sets[run_id]).filter(pl.col("pos").is_in(positions))
    return rows.select("pos", "text").collect()


def _filter(state: str | None, number: int | None, rented: bool) -> tuple[str, dict[str, Any]]:
    parts, params = [] if rented else ["NOT bank"], dict[str, Any]()
    if state is not None:
        parts.append("state = $state")
        params["state"] = state
    if number is not None:
        parts.append("msisdn = $number")
        params["number"] = number
    return ("WHERE " + " AND ".join(parts) if parts else ""), params


def _ask(
    found: Sources, question: str, *, now: datetime, params: dict[str, Any] | None = None,
    only: tuple[str, dict[str, Any]] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Answer a question about `messages`; `only` (SQL for run and pos, parameters) leaves others out.

    Broken when a file of the lake is lost or damaged.
    """
    import duckdb

    con = lake.connect()
    try:
        _give(con, found)
        if only:
            _narrow(con, *only)
        given = {
            "delivered": status.STRENGTH["delivered"], "at_operator": status.STRENGTH["at_operator"],
            "late": now - timedelta(hours=settings().reports.expect_final_hours), **(params or {}),
        }  # fmt: skip
        answer: pl.DataFrame = con.sql(f"WITH messages AS ({sql('messages')}) {question}", params=given).pl()
        return answer
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        runs, runs_fa = ", ".join(map(str, found.sets)), listed(found.sets, "و")
        raise Broken(
            f"a file of run {runs} cannot be read; `chapar audit` names it, restore it from a backup",
            f"فایلی از ارسال {runs_fa} خواندنی نیست؛ `chapar audit` آن را نام می‌برد، از پشتیبان برگردانید",
        ) from error
    finally:
        con.close()


def _give(con: duckdb.DuckDBPyConnection, found: Sources) -> None:
    sets = " UNION ALL BY NAME ".join(
        f"SELECT {run_id}::BIGINT AS run, * EXCLUDE (text) FROM read_parquet({engine.quoted(path)})"
        for run_id, path in found.sets.items()
    ) or (
        "SELECT NULL::BIGINT AS run, NULL::UINTEGER AS pos, NULL::UBIGINT AS msisdn, NULL AS operator, "
        "false AS bank, false AS ucs2, 0 AS parts, 0::BIGINT AS price_rials WHERE false"
    )  # fmt: skip
    con.execute(f"CREATE TEMP VIEW recipients AS {sets}")
    ids = ", ".join(map(str, found.sets)) or "NULL"
    for name, paths, schema, columns in (
        ("submissions", found.submissions, submissions.SCHEMA, "*"),
        ("receipts", found.receipts, receipts.SCHEMA, HEARD),
    ):
        if paths:
            listed = ", ".join(map(engine.quoted, paths))
            con.execute(
                f"CREATE TEMP VIEW {name} AS SELECT {columns} FROM read_parquet([{listed}]) "
                f"WHERE run IN ({ids})"
            )
        else:
            con.register(name, schema.to_frame())
    strength = [(state, place) for state, place in status.STRENGTH.items()]
    con.register(
        "strength", pl.DataFrame(strength, schema={"state": pl.String, "place": pl.Int32}, orient="row")
    )
    gaps = pl.DataFrame(found.unknown, schema={"run": pl.Int64, "pos_from": pl.Int64, "n": pl.Int64})
    con.register("gaps", gaps)
    con.execute(
        "CREATE TEMP VIEW unknown AS "
        "SELECT run, unnest(range(pos_from, pos_from + n))::UINTEGER AS pos FROM gaps"
    )


def _narrow(con: duckdb.DuckDBPyConnection, wanted: str, params: dict[str, Any]) -> None:
    """Let the three relations speak of the wanted messages only."""
    con.execute(f"CREATE TEMP TABLE wanted AS {wanted}", params)
    for name in ("recipients", "submissions", "receipts"):
        con.execute(f"ALTER VIEW {name} RENAME TO all_{name}")
        con.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM all_{name} SEMI JOIN wanted USING (run, pos)")


def total(column: str) -> pl.Expr:
    """Return the sum of a count as Int64 (DuckDB sums come as 128 bit)."""
    return pl.col(column).sum().cast(pl.Int64)


def receipts_of(found: Sources, run_id: int, pos: int) -> pl.DataFrame:
    """Return every receipt of one message, in the order it was received."""
    mine = (pl.col("run") == run_id) & (pl.col("pos") == pos)
    return receipts.scan(found.receipts).filter(mine).sort("received_at").collect()
