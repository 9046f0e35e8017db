"""`chapar numbers check`: what is no list of numbers is told what it is and where it belongs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Check a text as a file; return the exit code and the document."""
    monkeypatch.chdir(tmp_path)

    def run(text: str | None, name: str = "given.csv") -> tuple[int, Any]:
        if text is not None:
            Path(name).write_text(text, encoding="utf-8")
        capsys.readouterr()
        code = main(["numbers", "check", name, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


@pytest.mark.parametrize("text", ["", "\n", "  \n\n", "\ufeff"])
def test_an_empty_file_is_refused(text: str, check: Any) -> None:
    code, told = check(text)
    assert code == 2
    assert (told["error"]["field"], told["error"]["say"]) == (
        "file",
        "the file is empty; write one number to a line",
    )
    assert "خالی" in told["error"]["say_fa"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_told_to_be_one(delimiter: str, check: Any) -> None:
    rows = ["mobile,name", "09121234567,سارا", "09351234567,رضا"]
    code, told = check("\n".join(rows).replace(",", delimiter))
    assert (code, len(told["rejected"])) == (0, 3)
    (notice,) = told["notices"]
    assert notice["code"] == "table"
    assert notice["en"].startswith("line 2 is a row of a table")
    assert '"kind": "file"' in notice["en"]
    assert "سطر ۲" in notice["fa"]


def test_a_file_name_among_the_numbers_is_told_where_it_belongs(check: Any) -> None:
    (notice,) = check("people.csv\n")[1]["notices"]
    assert notice["code"] == "file_name"
    assert notice["en"].endswith("chapar numbers check people.csv")


def test_a_number_in_the_place_of_the_file_is_told_how_to_be_checked(check: Any) -> None:
    code, told = check(None, "09121234567")
    assert code == 2
    assert "echo 09121234567 | chapar numbers check -" in told["error"]["say"]


def test_a_list_of_numbers_needs_no_notice(check: Any) -> None:
    code, told = check("09121234567\nnobody\n")
    assert (code, told["accepted"], told["notices"]) == (0, [989121234567], [])
