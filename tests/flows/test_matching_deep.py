"""Which message a receipt speaks of: unknown ids wait for theirs, a forged reference names nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from desk import FIRST_NUMBER

from data import clock as the_clock
from data.records import arrivals, lines, processes
from data.rules.references import batch_ref
from data.store import operations
from data.store.tables import lake_file

Opened = Callable[..., Any]


def test_b09_an_unknown_id_is_parked_and_counted_and_found_when_the_ids_arrive(
    desk: Opened, clock: Any
) -> None:
    d = desk("G1", script=["lost"])
    run_id = d.run(2)
    d.tick()
    heard = d.hear(d.receipt(FIRST_NUMBER, ref=None, to=None), {"id": "nobody", "status": "DELIVERED"})
    assert (heard.receipts, heard.unmatched) == (2, 2)
    assert d.states(run_id) == {"unknown": 2}
    clock.advance(seconds=5)
    d.tick()
    d.hear()
    assert d.states(run_id) == {"delivered": 1, "submitted": 1}
    with operations.reading() as c:
        rows = c.execute(sa.select(lake_file).where(lake_file.c.kind == "receipts")).all()
    assert sorted((row.unmatched, row.retired_at is None) for row in rows) == [(1, True), (2, False)]
    d.clean()


def test_a_forged_reference_names_nobody(desk: Opened) -> None:
    d = desk()
    run_id = d.run(1)
    d.tick()
    ref = d.batch(run_id).ref
    forged = [
        ref[:-1] + ("0" if ref[-1] != "0" else "1"),
        batch_ref(b"another secret", run_id, 0),
        "x" * 500,
    ]
    for ref in forged:
        for gid in ("zzz", d.gateway.gids()[FIRST_NUMBER]):
            heard = d.hear(d.receipt(FIRST_NUMBER, ref=ref, id=gid))
            assert (heard.receipts, heard.unmatched, heard.forged) == (1, 0, 1), ref
    assert d.states(run_id) == {"submitted": 1}
    with operations.reading() as c:
        assert arrivals.totals(c)["forged"] == 6


def test_an_empty_reference_is_none(desk: Opened) -> None:
    d = desk()
    run_id = d.run(1)
    d.tick()
    assert d.hear(d.receipt(FIRST_NUMBER, ref="")).unmatched == 0
    assert d.states(run_id) == {"delivered": 1}


def test_a_reference_with_a_number_that_is_not_of_its_run_names_nobody(desk: Opened) -> None:
    d = desk()
    run_id = d.run(1)
    d.tick()
    for gid in ("zzz", d.gateway.gids()[FIRST_NUMBER]):
        heard = d.hear(d.receipt(FIRST_NUMBER, to="989350000000", id=gid))
        assert (heard.unmatched, heard.contradicted) == (0, 1), "and its id does not stand in for it"
    assert d.states(run_id) == {"submitted": 1}


def test_a_gateway_speaks_only_of_what_it_carried(desk: Opened) -> None:
    d = desk()
    with operations.writing() as c:
        lines.set_gateway(
            c,
            "other",
            adapter="simulator",
            values={"adapter": "simulator", "secret": "o"},
            actor="test",
            now=the_clock.now(),
        )
    d.others["other"] = type(d.gateway)(d.gateway.able, name="other")
    run_id = d.run(1)
    d.tick()
    heard = d.hear(d.receipt(FIRST_NUMBER), gateway="other")
    assert (heard.unmatched, heard.contradicted) == (0, 1)
    assert d.states(run_id) == {"submitted": 1}, "its reference came from somewhere else"


def test_a_receipt_of_a_run_that_will_never_be_is_parked(desk: Opened) -> None:
    d = desk()
    with operations.reading() as c:
        ref = batch_ref(processes.secret(c), 77, 0)
    assert d.hear({"id": "1", "ref": ref, "to": str(FIRST_NUMBER), "status": "DELIVERED"}).unmatched == 1
