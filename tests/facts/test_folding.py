"""The fold: a message has the strongest state that anybody told of it, in any order (P16)."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.facts import messages, receipts, recipients, submissions
from data.rules import status
from data.store import lake

FIRST_NUMBER = 989_120_000_000
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
TOLD = [
    "queued",
    "submitted",
    "at_operator",
    "rejected",
    "blacklisted",
    "expired",
    "failed",
    "not_at_operator",
    "undelivered",
    "delivered",
    "cancelled",
    None,
]
OUTCOMES = ["submitted", "rejected", "blacklisted", "failed", "written_off", "cancelled", "suppressed", None]
stories = st.lists(
    st.tuples(st.sampled_from(OUTCOMES), st.lists(st.sampled_from(TOLD), max_size=5)), min_size=1, max_size=6
)


def fold(
    outcomes: list[str | None],
    told: list[tuple[int, str | None, int | None]],
    *,
    parts: int = 1,
    files: int = 1,
    sent_at: datetime = NOW,
) -> list[str]:
    """Return the states from real files: `told` has (position, state, part), spread over `files` files."""
    n = len(outcomes)
    people = pl.DataFrame(
        {
            "pos": range(1, n + 1),
            "msisdn": range(FIRST_NUMBER, FIRST_NUMBER + n),
            "text": ["x"] * n,
            "ucs2": [True] * n,
            "parts": [parts] * n,
            "price_rials": [90] * n,
            "operator": ["mci"] * n,
            "bank": [False] * n,
        },
        schema=recipients.SCHEMA,
    )
    ended = [
        {"run": 1, "pos": i + 1, "batch": 1, "state": state, "gid": None, "code": None, "at": sent_at}
        for i, state in enumerate(outcomes)
        if state
    ]
    heard = [
        {
            "run": 1,
            "pos": pos,
            "batch_seq": 0,
            "gateway": "g",
            "to": FIRST_NUMBER + pos - 1,
            "gid": None,
            "status": str(state),
            "state": state,
            "part": part,
            "at": NOW,
            "received_at": NOW,
        }
        for pos, state, part in told
    ]
    root = lake.lake_root()
    pieces = [heard[i::files] for i in range(files)]
    found = messages.Sources(
        sets={1: str(root / recipients.write_set(people).path)},
        submissions=[str(root / submissions.write(pl.DataFrame(ended, schema=submissions.SCHEMA)).path)]
        if ended
        else [],
        receipts=[
            str(root / receipts.write(pl.DataFrame(piece, schema=receipts.SCHEMA)).path)
            for piece in pieces
            if piece
        ],
    )
    check_owed(found)
    return messages.every(found, now=NOW).sort("pos")["state"].to_list()


def check_owed(found: messages.Sources) -> None:
    """What is owed is the same whether everybody is folded or only those it can be about."""
    whole = messages.state_counts(found, now=NOW)
    for states in status.REFUNDABLE.values():
        few = messages.owed(found, states, now=NOW)
        for counts in (whole, few):
            assert set(counts["state"]) <= set(status.RANK)
        assert _sums(few, states) == _sums(whole, states)


def _sums(counts: pl.DataFrame, states: frozenset[str]) -> tuple[int, int]:
    back = counts.filter(pl.col("state").is_in(states))
    return int(back["charged_rials"].sum()), int(counts["absorbed_parts"].sum())


def expected(outcome: str | None, told: list[str | None]) -> str:
    """The rule in words, for one message of one part."""
    known = [state for state in told if state]
    if outcome != "submitted" and outcome is not None and "delivered" in known:
        return "delivered_uncharged"
    if outcome in ("written_off", "suppressed", "cancelled"):
        return outcome
    return (
        status.strongest([outcome or "queued", *known]) if outcome else status.strongest(["queued", *known])
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_stories=stories, chance=st.randoms(use_true_random=False), files=st.integers(1, 3))
def test_no_order_and_no_repeat_changes_a_state(
    given_stories: list[tuple[str | None, list[str | None]]], chance: random.Random, files: int, home: Path
) -> None:
    told = [(pos, state, None) for pos, (_, states) in enumerate(given_stories, 1) for state in states]
    told += [one for one in told if chance.random() < 0.5]
    chance.shuffle(told)
    shown = fold([outcome for outcome, _ in given_stories], told, files=files)
    assert shown == [expected(outcome, states) for outcome, states in given_stories]


def test_parts_count_only_together(home: Path) -> None:
    told = [
        (1, "delivered", 1),
        (1, "delivered", 2),
        (1, "delivered", 3),
        (2, "delivered", 1),
        (2, "delivered", 1),
        (2, "delivered", 1),
        (3, "delivered", 1),
        (3, "undelivered", 2),
        (3, "delivered", 3),
        (4, "at_operator", 1),
        (4, "submitted", 2),
        (5, "undelivered", 1),
        (5, "delivered", None),
        (6, "delivered", 1),
        (6, "undelivered", 1),
        (6, "delivered", 2),
        (6, "delivered", 3),
    ]
    random.Random(4).shuffle(told)
    assert fold(["submitted"] * 6, told, parts=3, files=2) == [
        "delivered",
        "at_operator",
        "undelivered",
        "submitted",  # where its slowest known part is: rules.status.of_parts
        "delivered",
        "delivered",
    ]


def test_what_was_never_heard_of_again_is_unknown_after_a_day_and_more(home: Path) -> None:
    assert fold(["submitted"], [], sent_at=NOW - timedelta(hours=31)) == ["unknown"]
    assert fold(["submitted"], [], sent_at=NOW - timedelta(hours=29)) == ["submitted"]
    assert fold(["submitted"], [(1, "at_operator", None)], sent_at=NOW - timedelta(hours=31)) == [
        "at_operator"
    ]


def test_a_run_without_files_has_no_messages(home: Path) -> None:
    assert messages.every(messages.Sources({}, [], []), now=NOW).is_empty()
    assert messages.by_state(messages.Sources({}, [], []), now=NOW) == {}
