"""The demo from an empty folder to delivered messages, by the flows themselves (cli.md, decisions 4)."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from commanded import chapar

PEOPLE, RECIPIENTS = 20_000, 300
STEPS = ["matched", "duplicate", "suppressed", "not_in_slice", "selected"]
WORDS = ("demo", "--subscribers", str(PEOPLE), "--recipients", str(RECIPIENTS))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A demo that was run once: its home and its document."""
    home = tmp_path_factory.mktemp("demo") / "home"
    code, document, said = chapar(*WORDS, "--home", str(home))
    assert code == 0, said
    return home, document


@pytest.mark.prefect
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_demo_takes_people_to_delivered_messages(played: tuple[Path, Any]) -> None:
    _, told = played
    assert told["population"]["subscribers"] == PEOPLE
    assert told["audience"]["selected"] == RECIPIENTS == told["run"]["recipients"]
    steps = told["audience"]["waterfall"]
    assert [step["step"] for step in steps] == STEPS
    assert steps[-1]["left"] == RECIPIENTS
    assert told["run"]["parts"] >= RECIPIENTS
    assert told["run"]["cost_rials"] == told["run"]["parts"] * 90
    assert sum(told["messages"].values()) == RECIPIENTS
    assert told["messages"]["delivered"] > 0.85 * RECIPIENTS
    assert "unknown" not in told["messages"]
    assert told["ledger"]["ok"]
    assert told["ledger"]["balanced"]
    assert told["ledger"]["posted_rials"] == told["ledger"]["recomputed_rials"]
    assert told["ledger"]["posted_rials"] == told["run"]["charged_rials"]
    assert {"prefect", "population", "audience", "dispatch", "receipts", "total"} <= set(told["seconds"])


@pytest.mark.prefect
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_its_flow_runs_and_artifacts_are_kept(played: tuple[Path, Any]) -> None:
    home, _ = played
    with sqlite3.connect(f"file:{home / 'prefect' / 'prefect.db'}?mode=ro", uri=True) as c:
        ran = set(c.execute("SELECT f.name, r.state_type FROM flow_run r JOIN flow f ON f.id = r.flow_id"))
        keys = {key for (key,) in c.execute("SELECT key FROM artifact")}
        parameters = [text for (text,) in c.execute("SELECT parameters FROM flow_run")]
    c.close()
    flows = ("population", "campaign", "dispatch", "receipts", "audit")
    assert ran == {(name, "COMPLETED") for name in flows}
    assert {"population", "run-1-audience", "run-1-cost", "run-1-deliveries", "audit"} <= keys
    assert all("98" not in text or len(text) < 40 for text in parameters)  # ids, never numbers of people


@pytest.mark.prefect
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_an_earlier_demo_gets_one_more_campaign(played: tuple[Path, Any]) -> None:
    home, first = played
    code, told, said = chapar(*WORDS, "--home", str(home))
    assert code == 0, said
    assert told["population"] == first["population"]
    assert told["run"]["id"] == first["run"]["id"] + 1
    assert told["ledger"]["ok"]


def test_a_home_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="ascii")
    code, told, _ = chapar(*WORDS, "--home", str(tmp_path))
    assert (code, told["error"]["field"]) == (2, "home")
    assert "--home" in told["error"]["say"]
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_home_that_is_in_use_is_refused(home: Path) -> None:
    code, told, _ = chapar(*WORDS, home=home)
    assert (code, told["error"]["field"]) == (2, "home")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--recipients", "0"), "recipients"),
        (("--subscribers", "10"), "subscribers"),
        (("--subscribers", "5000", "--recipients", "6000"), "recipients"),
        (("--seed", "-1"), "seed"),
        (("--province", "Atlantis"), "province"),
    ],
)
def test_a_wish_that_cannot_be_met_writes_nothing(tmp_path: Path, words: tuple[str, ...], field: str) -> None:
    code, told, _ = chapar("demo", *words, "--home", str(tmp_path / "home"))
    assert (code, told["error"]["field"]) == (2, field)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("local", "hours"),
    [
        ("2026-11-27T08:00", 0), ("2026-11-27T20:40", 0), ("2026-11-27T20:50", 1), ("2026-11-27T21:00", 1),
        ("2026-11-27T23:59", 4), ("2026-11-28T05:10", 9), ("2026-11-28T07:59", 12),
    ],
)  # fmt: skip
def test_outside_the_hours_of_advertising_it_stays_behind_by_whole_hours(local: str, hours: int) -> None:
    from flows.steps.demo_home import hours_behind

    assert hours_behind(datetime.fromisoformat(f"{local}+03:30")) == hours
