"""Bad input through the real command: a sentence, the field, exit 2, and nothing half-written."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import house
import pytest
from command_line import AUDIENCE, NUMBERS, Chapar, chapar, furnished, order

from data.settings import settings

__all__ = ["chapar", "furnished"]  # fixtures


BOWTIE = {"type": "Polygon", "coordinates": [[[51, 35], [52, 36], [52, 35], [51, 36], [51, 35]]]}


def _ring(*corners: list[Any]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def of(**criterion: Any) -> dict[str, Any]:
    return order(audience={"any": [criterion]})


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (of(kind="horoscope", sign="leo"), "audience.any[0].kind"),
        (of(kind="numbers", numbers=NUMBERS, colour="red"), "audience.any[0].colour"),
        (of(kind="circle", lon=51.4, lat=35.7, radius_m=0), "audience.any[0].radius_m"),
        (of(kind="circle", lon=51.4, lat=35.7, radius_m=-5), "audience.any[0].radius_m"),
        (of(kind="circle", lon=51.4, lat=35.7, radius_m=10**400), "audience.any[0].radius_m"),
        (of(kind="circle", lon=10**400, lat=35.7, radius_m=5), "audience.any[0].lon"),
        (of(kind="gender_age", age_from=0, age_to=10**400), "audience.any[0].age_to"),
        (of(kind="reached_by", campaign=10**400), "audience.any[0].kind"),
        (of(kind="polygon", geometry=_ring([10**400, 35], [52, 35], [52, 36])), "audience.any[0].geometry"),
        (order(audience=AUDIENCE | {"count": 10**30}), "audience.count"),
        (order(audience=AUDIENCE | {"row": 10**400}), "audience.row"),
        (of(kind="numbers", numbers=["0912\ud800"]), "audience.any[0].numbers.0"),
        (of(kind="horoscope\ud800"), "audience.any[0].kind"),
        (order(text="سلام \ud83d"), "text"),
        (order(title="\udfff"), "title"),
        (order(title="a\x00b"), "title"),
        (order(**{"\ud800": 1}), "file"),
        (order(token="\ud800"), "token"),
        (order(audience=AUDIENCE | {"series": "\ud800"}), "audience.series"),
        ("title: !!binary aGVsbG8=\n", "title"),
        ("audience: &a {any: [*a]}\naccount: nobody", "file"),
        (of(kind="polygon", geometry=BOWTIE), "audience.any[0].geometry"),
        (order(audience=AUDIENCE | {"row": 0}), "audience.row"),
        (order(audience={}), "audience"),
        (order(audience=[]), "audience"),
        (order(audience="everybody"), "audience"),
        (order(text=""), "text"),
        (order(text="   "), "text"),
        (order(text=None), "text"),
        (order(text="\u200c\u200f \u200e"), "text"),
        (order(text="سلام\x00"), "text"),
        (order(text="سلام {name"), "text"),
        (order(text="سلام {name}"), "text"),
        (order(start_at="2020-01-01T10:00"), "start_at"),
        (order(start_at="tomorrow"), "start_at"),
        (order(start_at="2099-01-01"), "start_at"),
        (order(line="9"), "line"),
        (order(account="nobody"), "account"),
        (of(kind="circle", lon=51.4, lat=35.7, radius_m=5) | {"kind": "bts"}, "audience.any[0].radius_m"),
        (order(kind="telepathy"), "kind"),
        (order(colour="red"), "colour"),
        (order(quiet_hours="always"), "quiet_hours"),
        (order(quiet_hours={"from": "25:00", "to": "08:00"}), "quiet_hours.from"),
        (order(recurrence={"every": "blue moon"}), "recurrence.every"),
        (order(advertising="yes"), "advertising"),
        ([1, 2], "file"),
        ("{half", "file"),
        ("", "file"),
    ],
)
def test_bad_input_is_refused_by_field_and_nothing_is_half_written(
    given: Any, field: str, furnished: Chapar, home: Path
) -> None:
    before = _content(home)
    _, told = furnished("campaign", "create", "@", stdin=given, code=2)
    error = told["error"]
    assert error["kind"]
    assert error["field"] is not None
    assert error["field"].replace(".0.", "[0].").startswith(field) or field.startswith(error["field"]), error
    assert len(error["say"]) > 10
    assert error["say_fa"]
    assert _content(home) == before


def _content(home: Path) -> tuple[int, ...]:
    con = sqlite3.connect(home / "operations.sqlite")
    try:
        tables = ("campaign", "run", "batch", "ledger_entry", "lake_file", "audit_log")
        return tuple(con.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)
    finally:
        con.close()


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("campaign", "status", "77"), "campaign"),
        (("campaign", "run", "77"), "campaign"),
        (("campaign", "start", "77"), "campaign"),
        (("campaign", "stop", "77"), "campaign"),
        (("campaign", "pause", "77"), "campaign"),
        (("campaign", "report", "77"), "campaign"),
        (("why", "02188776655", "--run", "1"), "number"),
        (("why", "09121234567", "--run", "77"), "run"),
        (("account", "create", "Bad Name"), "name"),
        (("account", "create", "x", "--credit", "-5"), "credit"),
        (("account", "create", "shop"), "name"),
        (("account", "show", "nobody"), "name"),
        (
            (
                "line",
                "create",
                "1",
                "--gateway",
                "none",
                "--account",
                "shop",
                "--kind",
                "ad",
                "--price",
                "1",
                "--cost",
                "1",
            ),
            "gateway",
        ),
        (
            (
                "line",
                "create",
                "1",
                "--gateway",
                "sim",
                "--account",
                "none",
                "--kind",
                "ad",
                "--price",
                "1",
                "--cost",
                "1",
            ),
            "account",
        ),
        (
            (
                "line",
                "create",
                "1",
                "--gateway",
                "sim",
                "--account",
                "shop",
                "--kind",
                "ad",
                "--price",
                "-1",
                "--cost",
                "1",
            ),
            "price",
        ),
        (("gateway", "set", "UPPER", "/dev/null"), "gateways.UPPER"),
        (("campaign", "create", "/no/such/file"), "file"),
        (("campaign", "status", "seven"), "arguments"),
        (("campaign",), "arguments"),
        (("teleport",), "arguments"),
    ],
)
def test_a_bad_call_is_refused_by_field(words: tuple[str, ...], field: str, furnished: Chapar) -> None:
    _, told = furnished(*words, code=2)
    assert told["error"]["field"].startswith(field) or field in told["error"]["field"], told


@pytest.mark.parametrize(
    "settings",
    [
        {"adapter": "pigeon"},
        {"adapter": "http", "class": "G9"},
        {"adapter": "http", "bulk": 0},
        {"adapter": "http", "base": "ftp://x"},
        {"class": "G0"},
        [],
        "x",
    ],
)
def test_gateway_settings_that_cannot_be_are_refused(settings: Any, furnished: Chapar) -> None:
    _, told = furnished("gateway", "set", "other", "@", stdin=settings, code=2)
    assert told["error"]["field"]
    names = [one["name"] for one in furnished("gateway", "list", code=0)[1]["gateways"]]
    assert names == ["sim"]


def test_half_a_character_in_a_gateway_s_settings_is_refused(furnished: Chapar) -> None:
    given = {"adapter": "http", "base": "http://127.0.0.1:1", "token": "\ud800"}
    _, told = furnished("gateway", "set", "other", "@", stdin=given, code=2)
    assert told["error"]["field"] == "token"
    assert "U+D800" in told["error"]["say"]


def test_a_time_written_in_yaml_without_quotes_is_civil_time(furnished: Chapar) -> None:
    text = "account: shop\nline: '3000'\ntext: Hi\nstart_at: 2020-01-31T10:00:00\n"
    audience = "audience: {any: [{kind: numbers, numbers: ['09120000001']}]}\n"
    _, told = furnished("campaign", "create", "@", stdin=text + audience, code=2)
    assert (told["error"]["field"], "past" in told["error"]["say"]) == ("start_at", True)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1256"])
@pytest.mark.parametrize("name", [os.fsdecode(b"\xff\xd8"), "هیچ"])
def test_whatever_is_refused_one_document_is_printed(encoding: str, name: str, home: Path) -> None:
    command = [sys.executable, "-m", "flows.cli", "campaign", "create", name, "--json"]
    environment = {**os.environ, "PYTHONIOENCODING": f"{encoding}:strict"}
    asked = subprocess.run(command, capture_output=True, env=environment, check=False, cwd=house.ROOT)
    assert asked.returncode == 2, asked.stderr
    told = json.loads(asked.stdout)
    assert told["error"]["say_fa"]
    assert b"Traceback" not in asked.stderr


@pytest.mark.parametrize("account", [None, "", 7])
def test_a_campaign_without_an_account_says_where_to_find_one(account: object, furnished: Chapar) -> None:
    given = {name: value for name, value in order(account=account).items() if value is not None}
    _, told = furnished("campaign", "create", "@", stdin=given, code=2)
    assert told["error"]["field"] == "account"
    assert "chapar account list" in told["error"]["say"]
    listed = furnished("account", "list", code=0)[1]["accounts"]
    assert [(one["name"], one["available_rials"]) for one in listed] == [("shop", 1_000_000)]


def test_without_credit_the_mend_is_fewer_people_or_more_credit_and_a_new_campaign(furnished: Chapar) -> None:
    furnished("account", "create", "poor", "--credit", "10", code=0)
    words = ("--gateway", "sim", "--account", "poor", "--kind", "service", "--price", "90", "--cost", "60")
    furnished("line", "create", "4000", *words, code=0)
    given = order(account="poor", line="4000")
    _, made = furnished("campaign", "create", "@", stdin=given, code=0)
    _, told = furnished("campaign", "run", str(made["campaign_id"]), code=2)
    assert told["error"]["field"] == "credit"
    assert "choose fewer recipients, or ask for credit, and make the campaign anew" in told["error"]["say"]
    assert "از نو بسازید" in told["error"]["say_fa"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("population", "build", "--synthetic", "abc"), "'abc' is not a whole number: write digits alone"),
        (("account", "create", "x", "--credit", "1.5"), "'1.5' is not a whole number: write digits alone"),
        (("campaign", "run", "1", "--wait", "soon"), "'soon' is not a number of seconds: write it as 30"),
        (("campaign", "run", "1", "--wait", "nan"), "'nan' is not a number of seconds: write it as 30"),
    ],
)
def test_a_number_that_cannot_be_read_is_refused_with_the_mend(
    words: tuple[str, ...], said: str, chapar: Chapar
) -> None:
    _, told = chapar(*words, code=2)
    assert told["error"]["field"] == "arguments"
    assert said in told["error"]["say"]


def test_an_unknown_line_is_told_which_there_are(
    furnished: Chapar, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, told = furnished("sms", "parts", "--line", "nope", code=2)
    assert told["error"]["say"] == "there is no line 'nope'; there are: 3000"
    monkeypatch.setenv("CHAPAR_HOME", str(home / "empty"))
    settings.cache_clear()
    _, told = furnished("sms", "parts", "--line", "nope", code=2)
    assert told["error"]["say"].endswith("open one with `chapar line create`")


def test_a_campaign_without_an_audience_says_where_to_write_it(furnished: Chapar) -> None:
    given = {name: value for name, value in order().items() if name != "audience"}
    _, told = furnished("campaign", "create", "@", stdin=given, code=2)
    assert told["error"]["field"] == "audience"
    assert "write audience" in told["error"]["say"]


def test_a_radius_beyond_all_numbers_is_told_with_the_example_of_a_radius(furnished: Chapar) -> None:
    given = json.dumps(of(kind="circle", lon=51.4, lat=35.7, radius_m="X")).replace('"X"', "1e999")
    _, told = furnished("campaign", "create", "@", stdin=given, code=2)
    assert told["error"]["field"] == "audience.any.0.radius_m"
    assert told["error"]["say"] == "use a number, for example 500"
