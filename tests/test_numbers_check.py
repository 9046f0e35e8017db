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


@pytest.mark.parametrize("times", [1, 5_000])  # line by line, and in columns
def test_lost_zeros_are_told_as_the_count_of_an_audience_tells_them(times: int, check: Any) -> None:
    lines = ["9121234567", "912 123-4568", "۹۱۲۱۲۳۴۵۶۷", "09121234567", "+989121234567", "91212"]
    code, told = check("\n".join(lines * times))
    assert (code, told["accepted"]) == (0, [989121234567, 989121234568])
    (notice,) = told["notices"]
    assert (notice["code"], notice["en"].rpartition(" ")[2]) == ("lost_zero", str(3 * times))
    assert "صفر آغازین" in notice["fa"]


def test_telephone_numbers_are_printed_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "numbers.txt"
    file.write_text("09121234567\n" * 1_000, encoding="utf-8")
    assert main(["numbers", "check", str(file)]) == 0
    told = capsys.readouterr().out
    assert "accepted:\n  - 989121234567\n" in told
    assert "rows: 1,000\n" in told
