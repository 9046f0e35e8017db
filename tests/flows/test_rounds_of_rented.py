"""Rounds of rented people: over populations built anew, in every send kind, by one key at every door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from desk import FIRST_NUMBER, Desk
from planners import had, own, proposed, sent

from data import clock as the_clock
from data.rules import kinds
from data.settings import settings
from data.store import operations
from data.store.population import open_population
from targeting.kinds import audience_of
from targeting.orders import checking
from targeting.population.build import build_population
from targeting.population.report import BuildRequest
from targeting.understanding import audience_hash, understand

Opened = Callable[..., Desk]
PEOPLE = 4_000

TREES: dict[str, dict[str, Any]] = {
    "gender_age": {"any": [{"kind": "gender_age", "age_from": 20, "age_to": 70}]},
    "region_irancell": {"any": [{"kind": "region", "province": "23"}]},
    "bts": {"any": [{"kind": "circle", "lon": 51.4, "lat": 35.7, "radius_m": 40_000}]},
    "region": {"any": [{"kind": "region", "province": "Tehran"}]},
}


def small_tower_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a tower send be small and its circle wide."""
    for name, value in (("MIN_RECIPIENTS", 1), ("MIN_PRODUCT", 1), ("RADIUS_MAX_M", 50_000)):
        monkeypatch.setenv(f"CHAPAR_BTS__{name}", str(value))
    settings.cache_clear()


@pytest.fixture
def tehran(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Build a population of Tehran anew; towers may be sent to in small numbers here."""
    small_tower_sends(monkeypatch)

    def build(people: int) -> None:
        now = datetime(2026, 11, 22, 9, tzinfo=UTC)
        build_population(BuildRequest(now.date(), now, synthetic=people, province="Tehran"))

    return build


@pytest.mark.parametrize("kind", TREES)
def test_the_page_proposes_what_was_sent_in_every_kind(
    desk: Opened, tehran: Callable[[int], None], kind: str
) -> None:
    tehran(PEOPLE)
    d = desk(kind="ad")
    first = d.run(kind=kind, audience=TREES[kind] | {"row": 1, "count": 30})
    assert d.of(first).n == 30, d.of(first).why
    row = proposed(d, TREES[kind], kind)
    assert row > 30
    second = d.run(kind=kind, audience=TREES[kind] | {"row": row, "count": 30})
    assert (d.of(second).n, had(d, second)) == (30, 30)
    assert not set(sent(d, first)) & set(sent(d, second))


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_an_audience_has_one_key_at_every_door(
    desk: Opened, tehran: Callable[[int], None], kind: str
) -> None:
    tehran(200)
    d = desk(kind="ad")
    tree = TREES.get(kind, own(3))
    file = {"line": "3000", "text": "سلام", "kind": kind, "audience": tree | {"row": 7, "count": 2}}
    with operations.reading() as c:
        order = checking.draft_of(c, file, checking.Orderer(d.account_id, "t", "x"), now=the_clock.now())
    population = open_population() if kind in TREES else None
    stored, page, plain = (
        audience_hash(understand(audience_of(one, of), population, d.account_id))
        for one, of in ((order.audience, kind), (tree, kind), (tree, "area"))
    )
    assert stored == page
    assert (page == plain) == (kind not in kinds.OPERATOR_OF)


@pytest.fixture
def registry(home: Path, tmp_path: Path) -> Callable[[set[int]], None]:
    """Build a population of Tehran from a table of subscribers."""

    def build(numbers: set[int]) -> None:
        rows = "".join(f"{number},23\n" for number in sorted(numbers))
        (tmp_path / "subscribers.csv").write_text(f"msisdn,province\n{rows}")
        now = the_clock.now()
        build_population(BuildRequest(now.date(), now, raw=tmp_path))

    return build


def test_slices_are_disjoint_and_complete_over_a_population_built_anew(
    desk: Opened, registry: Callable[[set[int]], None], clock: Any
) -> None:
    d, tree, got = desk(kind="ad"), TREES["region"], list[int]()
    everybody = {FIRST_NUMBER + 7 * i for i in range(900)}
    gone = [{n for n in everybody if n % 5 == turn} for turn in range(5)]
    for turn, size in enumerate([250, 90, 140, 60, 900]):
        clock.advance(seconds=1)
        registry(everybody - gone[turn] if turn < 4 else everybody)
        run_id = d.run(audience=tree | {"row": proposed(d, tree), "count": size})
        assert d.of(run_id).state == "running", d.of(run_id).why
        got += sent(d, run_id)
    assert len(got) == len(set(got)), "nobody twice"
    always = everybody - gone[0] - gone[1] - gone[2] - gone[3]
    assert always <= set(got), "nobody passed over"
    assert proposed(d, tree) == len(everybody) + 1
