"""A file that is refused leaves nothing behind, and is called what the document calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import Chapar, chapar, furnished, order

from dashboards import audiences
from data.errors import Refused

__all__ = ["chapar", "furnished"]  # fixtures

GOOD, BAD = "mobile\n09121234567\n", "mobile\nnobody\n"


def kept(home: Path) -> list[str]:
    """Names of all files under the home's uploads."""
    return [path.name for path in (home / "uploads").glob("*/*")]


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder with a good file, one without a number and one that is no text."""
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "bad.csv").write_text(BAD)
    (tmp_path / "binary.csv").write_bytes(b"\x00\x01\x02" * 100)
    return tmp_path


def files(*names: str, **more: str) -> dict[str, Any]:
    """An audience of these files."""
    return {"any": [{"kind": "file", "path": name, **more} for name in names]}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (files("bad.csv"), "any.0.path"),
        (files("binary.csv"), "any.0.path"),
        (files("good.csv", "no.csv"), "any.1.path"),
        (files("good.csv", column="9"), "any.0.column"),
        ({"any": [{"any": files("bad.csv")["any"]}]}, "any.0.any.0.path"),
        (files("good.csv") | {"colour": "red"}, "colour"),
    ],
)
def test_a_refused_audience_leaves_no_upload_and_names_the_path(
    given: dict[str, Any], field: str, chapar: Chapar, home: Path, papers: Path
) -> None:
    _, told = chapar("audience", "count", "@", stdin=given, code=2)
    assert told["error"]["field"] == field
    assert kept(home) == []


def test_a_refused_order_names_the_file_where_its_author_put_it(
    furnished: Chapar, home: Path, papers: Path
) -> None:
    _, told = furnished("campaign", "create", "@", stdin=order(audience=files("good.csv", "bad.csv")), code=2)
    assert told["error"]["field"] == "audience.any.1.path", "whatever order the conditions are kept in"
    _, told = furnished("campaign", "create", "@", stdin=order(audience=files("bad.csv", "good.csv")), code=2)
    assert told["error"]["field"] == "audience.any.0.path"
    furnished("campaign", "create", "@", stdin=order(audience=files("good.csv"), text=""), code=2)
    assert kept(home) == []


def test_what_an_order_rests_on_is_kept_whoever_else_is_refused(
    furnished: Chapar, home: Path, papers: Path
) -> None:
    furnished("campaign", "create", "@", stdin=order(audience=files("good.csv")), code=0)
    (before,) = kept(home)
    furnished("campaign", "create", "@", stdin=order(audience=files("good.csv"), text=""), code=2)
    assert kept(home) == [before]


def test_a_page_keeps_no_file_that_it_refuses(home: Path) -> None:
    with pytest.raises(Refused):
        audiences.take_upload(1, b"")
    assert kept(home) == []
    upload, found = audiences.take_upload(1, GOOD.encode())
    assert (kept(home), found.accepted) == ([upload], 1)
    assert json.dumps(found.fields) == "[]"
