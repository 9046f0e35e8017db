"""The audit folds by code of its own: it agrees with the product's fold, and finds a fault seeded in it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from desk import FIRST_NUMBER
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.facts import messages, receipts, recipients, submissions
from data.rules import status
from data.store import lake
from flows.steps import evidence, matching, refolding, refunding
from flows.steps.auditing import audit

Opened = Callable[..., Any]
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LATE = NOW - timedelta(hours=30)
TOLD = [*(state for state in status.LABELS if status.RANK[state] in range(1, 10)), "unknown", None]
ENDED = ["submitted", "submitted", "rejected", "blacklisted", "failed", "written_off", "cancelled",
         "suppressed", None]  # fmt: skip
PARTS = 3
stories = st.lists(
    st.tuples(
        st.sampled_from(ENDED),
        st.integers(1, PARTS),
        st.lists(st.tuples(st.sampled_from(TOLD), st.sampled_from([None, 0, 1, 2, 3, 4])), max_size=7),
        st.booleans(),  # submitted long ago
    ),
    min_size=1,
    max_size=12,
)


def frame(rows: list[dict[str, Any]], schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row") if rows else schema.to_frame()


def written(found: list[Any]) -> messages.Sources:
    people, ended, told = [], [], []
    for pos, (outcome, parts, heard, old) in enumerate(found, 1):
        people.append({"pos": pos, "msisdn": FIRST_NUMBER + pos, "text": "x", "ucs2": True, "parts": parts,
                       "price_rials": 90 * parts, "operator": "mci", "bank": False})  # fmt: skip
        at = LATE - timedelta(hours=1) if old else NOW
        if outcome:
            one = {"run": 1, "pos": pos, "batch": 1, "state": outcome, "gid": str(pos)}
            ended.append(one | {"code": None, "at": at})
        told += [
            {"run": 1, "pos": pos, "state": state, "part": part, "status": str(state),
             "to": FIRST_NUMBER + pos, "gateway": "g", "received_at": NOW, "verdict": "reference"}
            for state, part in heard
        ]  # fmt: skip
    random.Random(len(told)).shuffle(told)
    root = lake.lake_root()
    whole = [{**dict.fromkeys(receipts.SCHEMA), **one} for one in told]
    files = [receipts.write(frame(part, receipts.SCHEMA)).path for part in (whole[::2], whole[1::2]) if part]
    given_up = [{"run": 1, "pos_from": 1, "n": len(found) // 2}]
    return messages.Sources(
        {1: str(root / recipients.write_set(frame(people, recipients.SCHEMA)).path)},
        [
            str(
                root
                / submissions.write(frame([{"code": None, **one} for one in ended], submissions.SCHEMA)).path
            )
        ],
        [str(root / path) for path in files],
        given_up,
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=stories, policy=st.sampled_from(sorted(status.REFUNDABLE)))
def test_both_folds_say_the_same_of_whatever_came(found: list[Any], policy: str, home: Path) -> None:
    sources = written(found)
    ours = refolding.refold(
        refolding.Files(1, sources.sets[1], sources.submissions, sources.receipts,
                        [(one["pos_from"], one["n"]) for one in sources.unknown]),
        policy=policy, late=LATE,
    )  # fmt: skip
    counts = messages.state_counts(sources, now=NOW)
    assert ours.states == messages.by_state(sources, now=NOW)
    assert ours.charged_rials == int(counts["charged_rials"].sum())
    assert ours.charged_parts == int(counts["charged_parts"].sum())
    assert ours.absorbed_parts == int(counts["absorbed_parts"].sum())
    back = counts.filter(pl.col("state").is_in(status.REFUNDABLE[policy]))
    assert ours.refundable_rials == int(back["charged_rials"].sum())
    assert (ours.misplaced, ours.unproven) == (0, 0)


def breaches() -> set[str]:
    return {one["invariant"] for one in audit()["breaches"]}


def told(d: Any, clock: Any) -> None:
    d.run(4)
    d.tick()
    d.hear(d.receipt(FIRST_NUMBER), d.receipt(FIRST_NUMBER + 1, "BLOCKED"),
           d.receipt(FIRST_NUMBER + 2, "UNDELIVERABLE"))  # fmt: skip
    clock.advance(seconds=61)
    d.settle()


def test_a_fold_that_overlooks_a_word_is_found(
    desk: Opened, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk(refund="delivery_base")
    weak = status.STRENGTH | {"blacklisted": 0, "undelivered": 1}
    monkeypatch.setattr(status, "STRENGTH", weak)
    told(d, clock)
    assert breaches() == {"fold.shows_what_the_lake_says", "money.refunds"}
    monkeypatch.undo()
    assert breaches() == {"money.refunds"}, "what it did to the books stays"


def test_a_fold_that_takes_part_for_whole_is_found(
    desk: Opened, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk()
    d.run(2, text="س" * 150)
    d.tick()
    d.hear(d.receipt(FIRST_NUMBER, part="1"))
    assert breaches() == set()
    sql = messages.sql
    monkeypatch.setattr(
        messages, "sql", lambda name: sql(name).replace("p.delivered >= r.parts", "p.delivered >= 1")
    )
    assert breaches() == {"fold.shows_what_the_lake_says"}


def test_refunds_reckoned_by_another_rule_are_found(
    desk: Opened, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk()
    monkeypatch.setattr(refunding, "owed", lambda run, counts: (90 * 2, 0))
    told(d, clock)
    assert breaches() == {"money.refunds"}


def test_a_match_by_the_id_alone_is_found(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    d = desk()
    d.run(3)
    d.tick()
    known = matching._known

    def careless(left: pl.DataFrame) -> pl.DataFrame:
        said = left.select("gateway", "gid", number="to").unique(["gateway", "gid"])
        return known(left).drop("number").join(said, on=["gateway", "gid"], how="left")

    monkeypatch.setattr(matching, "_known", careless)
    mixed = d.receipt(FIRST_NUMBER, "DELIVERED", ref=None, to=str(FIRST_NUMBER + 1))
    assert d.hear(mixed).contradicted == 0
    assert breaches() == {"receipts.are_of_their_message"}


def test_a_charge_whose_proof_was_not_kept_is_found(
    desk: Opened, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk("G0", script=["lost"])
    d.run(2)
    d.tick()
    clock.advance(seconds=5)
    d.hear({"id": "x", "to": str(FIRST_NUMBER), "status": "BLOCKED"})
    gather = evidence.gather
    monkeypatch.setattr(evidence, "gather", lambda claimed: replace(gather(claimed), instead=()))
    clock.advance(hours=49)
    d.tick()
    assert breaches() == {"money.charged_is_proven"}
