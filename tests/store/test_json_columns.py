"""JSON in columns: whatever comes, each text is read as if it stood alone."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.store import json_columns

NAMES = ("id", "status")
SCALARS = (
    st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none()
)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(), SCALARS, max_size=2)
OBJECTS = st.dictionaries(st.sampled_from([*NAMES, "more"]), VALUES)
BODIES = OBJECTS | st.lists(OBJECTS, max_size=3) | VALUES


def read(*bodies: str) -> tuple[list[tuple[object, ...]], list[int]]:
    rows, bad = json_columns.exploded(pl.Series(bodies, dtype=pl.String), NAMES)
    assert rows.schema == {"index": pl.UInt32, "id": pl.String, "status": pl.String}
    assert bad.schema == json_columns.BAD
    return rows.rows(), bad["index"].to_list()


def test_objects_and_lists_are_rows_and_the_rest_is_named() -> None:
    found = read('{"id": 1}', '[{"id": "2"}, {"status": "x"}]', "7", "[]", "[1]", " {} ", "{", "", "[[]]")
    assert found == ([(0, "1", None), (1, "2", None), (1, None, "x"), (5, None, None)], [2, 4, 6, 7, 8])


@settings(deadline=None, max_examples=60)
@given(st.lists(BODIES.map(json.dumps) | st.text(), max_size=6))
def test_no_body_is_read_otherwise_because_of_its_neighbours(bodies: list[str]) -> None:
    together, bad = read(*bodies)
    alone = [read(body) for body in bodies]
    assert together == [(i, *row[1:]) for i, (rows, _) in enumerate(alone) for row in rows]
    assert bad == [i for i, (_, one) in enumerate(alone) if one]


@pytest.mark.parametrize(
    "body", ['{"id":"}', '{"id":1}{"id":2}', "\x00", "{'id':1}", '{"id":"\\q"}', "[" * 200_000]
)
def test_what_is_not_json_is_bad_and_harms_nobody(body: str) -> None:
    good = '{"id": "1", "status": "\\u06f1\\n\\u0000"}'
    assert read(good, body, good) == ([(0, "1", "۱\n\0"), (2, "1", "۱\n\0")], [1])
