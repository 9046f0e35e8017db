"""Ids that leave the house: made before the call, the same every time, and nobody else's."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.rules.references import batch_ref, message_id, parse_ref, split_message_id
from data.rules.references_columns import message_id_expr, parse_refs, split_message_id_expr

SECRET = b"a secret of the house, 32 bytes."


@given(st.integers(1, 2**31 - 1), st.integers(0, 2**32 - 1))
def test_a_reference_leads_back_to_its_batch(run_id: int, seq: int) -> None:
    ref = batch_ref(SECRET, run_id, seq)
    assert parse_ref(SECRET, ref) == (run_id, seq)
    assert re.fullmatch(r"[0-9a-z-]{9,24}", ref)
    assert batch_ref(SECRET, run_id, seq) == ref


def test_a_reference_never_changes_between_versions() -> None:
    assert batch_ref(b"x" * 32, 123456, 77) == "3oi0-2d-s4fno"


@pytest.mark.parametrize(
    "ref",
    ["", "-", "--", "1-2", "1-2-3-4", "z-1-00000", "1-1-00000", "0-0-00000", "1-1-۰۰۰۰۰",
     "1" * 500, "W-1-abcde", " 1-1-abcde"],
)  # fmt: skip
def test_what_we_did_not_make_is_not_ours(ref: str) -> None:
    assert parse_ref(SECRET, ref) is None


def test_another_house_cannot_make_our_references() -> None:
    ref = batch_ref(SECRET, 5, 9)
    assert parse_ref(b"another house", ref) is None
    assert parse_ref(SECRET, "0" + ref) is None  # a second spelling of the same numbers is none of ours
    assert parse_ref(SECRET, ref.upper()) is None or ref.upper() == ref


def test_a_column_of_references_is_parsed_once_for_each() -> None:
    first, second = batch_ref(SECRET, 1, 0), batch_ref(SECRET, 2, 300)
    found = parse_refs(SECRET, pl.Series([first, None, second, "noise", first]))
    assert found.schema == {"run_id": pl.Int64, "seq": pl.Int64}
    assert found.rows() == [(1, 0), (None, None), (2, 300), (None, None), (1, 0)]
    assert parse_refs(SECRET, pl.Series([], dtype=pl.String)).height == 0


@given(st.integers(1, 2**31 - 1), st.integers(1, 2**32 - 1))
def test_a_message_id_leads_back_to_its_place(run_id: int, pos: int) -> None:
    value = message_id(run_id, pos)
    assert value == run_id << 32 | pos
    assert 0 < value < 2**63
    assert split_message_id(value) == (run_id, pos)


def test_message_ids_in_columns_agree() -> None:
    frame = pl.DataFrame({"run_id": [1, 2**31 - 1], "pos": pl.Series([1, 2**32 - 1], dtype=pl.UInt32)})
    ids = frame.select(message_id_expr(pl.col("run_id"), pl.col("pos"))).to_series()
    assert ids.to_list() == [message_id(1, 1), message_id(2**31 - 1, 2**32 - 1)]
    run_id, pos = split_message_id_expr(pl.col("id"))
    strange = pl.DataFrame({"id": [*ids, 0, -5]})
    assert strange.select(run_id.alias("run_id"), pos.alias("pos")).rows() == [
        (1, 1), (2**31 - 1, 2**32 - 1), (None, None), (None, None)
    ]  # fmt: skip
    assert split_message_id(-5) == (0, 0)
