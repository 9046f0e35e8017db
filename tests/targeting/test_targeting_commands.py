"""`chapar audience`, `numbers check` and `sms parts` as a script sees them."""

from __future__ import annotations

import argparse
import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.errors import Refused
from data.records import processes
from data.rules.msisdn import mask
from data.rules.order import order_key
from data.store import operations
from flows.commands import audience, numbers, sms
from flows.commands.documents import read_document
from targeting.privacy import masked_column
from targeting.uploads import taken_uploads
from tests.targeting.conftest import Bank


def run(command: Any, *words: str, stdin: bytes = b"", monkeypatch: pytest.MonkeyPatch) -> Any:
    """Parse the words as the command line and call the handler."""
    parser = argparse.ArgumentParser()
    command.register(parser.add_subparsers())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    arguments = parser.parse_args(list(words))
    return arguments.run(arguments)


@pytest.fixture
def published(bank: Bank, monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    """A home whose population is the hand-made snapshot."""

    class Kept:
        def __enter__(self) -> Any:
            return bank.population

        def __exit__(self, *_: object) -> None:
            """The snapshot stays open for the next test."""

    monkeypatch.setattr("targeting.orders.choosing.open_population", Kept)
    return home


def test_sms_parts_agree_with_every_shared_vector(
    reference_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    vectors = [
        json.loads(line)
        for line in (reference_data / "sms_segmentation_vectors.jsonl").read_text("utf-8").split("\n")
        if line
    ]
    given = "\n".join(json.dumps({"text": vector["text"]}) for vector in vectors).encode()
    assert run(sms, "sms", "parts", "--jsonl", stdin=given, monkeypatch=monkeypatch) is None
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    expected = [(v["encoding"].lower().replace("-", ""), v["units"], v["segments"]) for v in vectors]
    assert [(a["encoding"], a["units"], a["parts"]) for a in answers] == expected


def test_sms_parts_counts_standard_input_without_the_line_end_of_echo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = run(sms, "sms", "parts", stdin="سلام\n".encode(), monkeypatch=monkeypatch)
    assert answer == {"encoding": "ucs2", "units": 4, "parts": 1, "left_in_part": 66, "forced_by": "س"}


@pytest.mark.parametrize("stdin", [b'{"text": 5}', b"[]", b"hello", b'{"text": "\xff"}'])
def test_sms_parts_refuses_lines_that_hold_no_text(stdin: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused):
        run(sms, "sms", "parts", "--jsonl", stdin=stdin, monkeypatch=monkeypatch)


def test_an_unknown_line_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="no line"):
        run(sms, "sms", "parts", "--line", "3000", stdin=b"x", monkeypatch=monkeypatch)


@pytest.mark.parametrize("module", ["sms", "numbers"])
def test_the_quick_commands_import_nothing_heavy(module: str) -> None:
    heavy = "{'polars', 'duckdb', 'sqlalchemy', 'numpy', 'pydantic', 'phonenumbers', 'shapely'}"
    program = f"import sys, flows.commands.{module}; print(sorted({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("prefix", ["ir", "li"])
def test_numbers_check_agrees_with_the_shared_vectors(
    prefix: str, reference_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = list(
        csv.DictReader((reference_data / f"{prefix}_phone_vectors.csv").read_text("utf-8").splitlines())
    )
    mobile = [int(row["e164"]) if row["type"] == "mobile" else None for row in rows]
    given = "\n".join(row["input"] for row in rows) + "\n"
    answer = run(
        numbers, "numbers", "check", "-", "--region", prefix, stdin=given.encode(), monkeypatch=monkeypatch
    )
    assert answer["accepted"] == list(dict.fromkeys(number for number in mobile if number))
    assert [one["line"] for one in answer["rejected"]] == [
        at for at, number in enumerate(mobile, 1) if number is None
    ]
    assert answer["duplicates"] == len([n for n in mobile if n]) - len(answer["accepted"])


def test_a_long_file_is_checked_in_columns_with_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["09121234567", "9351234567", "021", "", "۰۹۱۲۱۲۳۴۵۶۷", "9.12E+09"] * 50
    by_line = numbers.check(lines, "IR")
    monkeypatch.setattr(numbers, "COLUMNS_FROM_LINES", 10)
    given = "\n".join([*lines, ""]).encode()
    assert run(numbers, "numbers", "check", "-", stdin=given, monkeypatch=monkeypatch) == by_line


def test_audience_count_answers_as_the_contract_says(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = b'{"any": [{"kind": "region", "province": "23"}], "row": 1, "count": 50}'
    answer = run(audience, "audience", "count", "-", "--service", stdin=given, monkeypatch=monkeypatch)
    assert {"snapshot", "matched", "selected", "by_operator", "waterfall", "milliseconds"} <= set(answer)
    assert answer["selected"] == 50
    assert sum(answer["by_operator"].values()) == answer["matched"]
    assert json.loads(json.dumps(answer)) == answer


def test_a_build_of_rented_numbers_writes_them_masked(
    published: Path, bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "set.parquet"
    given = b"any: [{kind: region, province: Tehran}]\n"
    answer = run(
        audience,
        "audience",
        "build",
        "-",
        "--out",
        str(out),
        "--service",
        stdin=given,
        monkeypatch=monkeypatch,
    )
    written = pl.read_parquet(out)
    tehran = bank.people.filter(pl.col("province") == "23")["msisdn"]
    with operations.reading() as c:
        salt = processes.order_salt(c)
    assert salt != bank.population.snapshot.salt, "it was built elsewhere, and is put in this home's order"
    ordered = pl.Series(sorted(tehran, key=lambda number: order_key(number, salt)))
    assert written.columns == ["pos", "number", "operator"]
    assert written["number"].to_list() == [mask(number) for number in ordered]
    assert (answer["rows"], answer["path"], len(answer["set_id"])) == (ordered.len(), str(out), 64)
    assert out.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["set.parquet"]


def test_a_build_of_own_numbers_writes_them_with_their_fields(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "people.csv").write_text("mobile,name\n09121234567,علی\n9351234567,سارا\n", encoding="utf-8")
    (tmp_path / "a.json").write_text('{"any": [{"kind": "file", "path": "people.csv"}]}')
    out = tmp_path / "set.parquet"
    run(audience, "audience", "build", str(tmp_path / "a.json"), "--out", str(out), monkeypatch=monkeypatch)
    written = pl.read_parquet(out)
    assert written.columns == ["pos", "msisdn", "operator", "name"]
    assert dict(written.select("msisdn", "name").iter_rows()) == {989121234567: "علی", 989351234567: "سارا"}
    kept = list((home / "uploads" / "operator").iterdir())
    assert [(path.stat().st_mode & 0o777, len(path.name)) for path in kept] == [(0o600, 64)]


def test_a_count_of_a_file_leaves_no_copy_of_it_unless_somebody_else_brought_it_again(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "people.csv").write_text("09121234567\n9351234567\n", encoding="utf-8")
    (tmp_path / "a.json").write_text('{"any": [{"kind": "file", "path": "people.csv"}]}')
    run(audience, "audience", "count", str(tmp_path / "a.json"), monkeypatch=monkeypatch)
    assert list((home / "uploads" / "operator").iterdir()) == []
    tree = json.loads((tmp_path / "a.json").read_text())
    with taken_uploads(tree, None, tmp_path) as first, taken_uploads(tree, None, tmp_path):
        first.sweep()
    assert len(list((home / "uploads" / "operator").iterdir())) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"any": [', "cannot be read as JSON or YAML"),
        ('{"any": [], "any": []}', "stands twice"),
        ("", "empty"),
        ("any: [", "cannot be read as JSON or YAML"),
        ("lon: 1\nlon: 2", "stands twice"),
        ("a: &a [x]\nb: *a", "write it out"),
        ('{"radius_m": ' + "9" * 5_000 + "}", "too many digits"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_a_document_that_cannot_be_read_is_refused(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(Refused, match=says):
        read_document(str(path), field="audience")


def test_yaml_says_no_more_than_json_could(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "code: 012345\nat: 21:00\nday: 2026-11-24\nn: 12\nx: -1.5e3\nhex: 0x1F\nyes: true\nno: ~\nnone:\n"
    )
    assert read_document(str(path)) == {
        "code": "012345", "at": "21:00", "day": "2026-11-24", "n": 12, "x": -1500.0, "hex": "0x1F",
        "yes": True, "no": None, "none": None,
    }  # fmt: skip


def test_nothing_is_written_where_the_audience_is_refused(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "set.parquet"
    for given in (
        b'{"any": [{"kind": "numbers", "numbers": ["1"]}]}',
        b'{"any": [{"kind": "file", "path": "/no"}]}',
        b"7",
    ):
        with pytest.raises(Refused):
            run(audience, "audience", "build", "-", "--out", str(out), stdin=given, monkeypatch=monkeypatch)
    assert not [path for path in tmp_path.iterdir() if path.is_file()]
    with pytest.raises(Refused) as refused:
        run(audience, "audience", "build", "-", "--out", str(tmp_path / "no" / "f"), monkeypatch=monkeypatch)
    assert refused.value.field == "out"


def test_masks_in_columns_are_those_of_single_numbers() -> None:
    several = pl.Series([989121234567, 4236601234, 597712345678], dtype=pl.UInt64)
    assert masked_column(several).to_list() == [mask(number) for number in several]
