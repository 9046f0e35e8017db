"""Exact count (city ∧ gender ∧ age ∧ circle) by the product, against the question as hand-written SQL.

`CHAPAR_BENCH_HOME` may name a home with a published population; otherwise ten million people are made for it.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from typing import Any

SUBSCRIBERS = 10_000_000
ROUNDS = 41
REACH = 1.3
TODAY = date(2026, 11, 22)
CITY, LON, LAT, RADIUS_M = "2301021576", 51.389, 35.689, 5_000
AUDIENCE = {
    "any": [{"kind": "circle", "lon": LON, "lat": LAT, "radius_m": RADIUS_M}],
    "all": [{"kind": "gender_age", "gender": "female", "age_from": 25, "age_to": 40, "city": CITY}],
}
BY_HAND = f"""
SELECT operator, count(*) FROM subscribers
WHERE city = '{CITY}' AND gender = 'female' AND born_on <= DATE '2001-11-22' AND born_on > DATE '1985-11-22'
  AND lon BETWEEN 51.33364 AND 51.44436 AND lat BETWEEN 35.64403 AND 35.73397
  AND 2 * 6371008.8 * asin(sqrt(pow(sin(radians(lat - {LAT}) / 2), 2)
      + cos(radians({LAT})) * cos(radians(lat)) * pow(sin(radians(lon - {LON}) / 2), 2))) <= {RADIUS_M}
GROUP BY operator
"""


def run() -> dict[str, Any]:
    """Return one row of ratios: medians of rounds in which the two take turns."""
    home = os.environ.get("CHAPAR_BENCH_HOME")
    if home:
        return _measure(home)
    with tempfile.TemporaryDirectory(prefix="chapar-bench-") as fresh:
        _populate(fresh)
        return _measure(fresh)


def _measure(home: str) -> dict[str, Any]:
    from data.store.population import open_population
    from targeting.audience import Scope, count, parse_audience

    _at_home(home)
    with open_population() as population:
        scope = Scope(account_id=None, today=TODAY)

        def ours() -> dict[str, int]:
            return count(parse_audience(AUDIENCE), population, scope).by_operator

        def theirs() -> dict[str, int]:
            return dict(sorted(population.con.execute(BY_HAND).fetchall()))

        matched = ours()
        assert matched == theirs(), "both sides answer the same"
        mine, other = _in_turns(ours, theirs)
        people = population.snapshot.subscribers
    ratio = mine / other
    return {
        "what": f"audience count, {people:,} subscribers, {sum(matched.values()):,} match",
        "against": "hand-written DuckDB SQL",
        "ours": f"{mine * 1000:.1f} ms",
        "theirs": f"{other * 1000:.1f} ms",
        "ratio": round(ratio, 3),
        "reach": f"≤ {REACH}",
        "ok": ratio <= REACH,
    }


def _in_turns(*contestants: Callable[[], object]) -> list[float]:
    """Return the median seconds of each; they take turns so that the machine's moods fall on all alike."""
    seconds: list[list[float]] = [[] for _ in contestants]
    for _ in range(ROUNDS):
        for place, contestant in enumerate(contestants):
            began = time.perf_counter()
            contestant()
            seconds[place].append(time.perf_counter() - began)
    return [statistics.median(one) for one in seconds]


def _populate(home: str) -> None:
    from datetime import UTC, datetime

    from targeting.population.build import build_population
    from targeting.population.report import BuildRequest

    _at_home(home)
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
    request = BuildRequest(
        today=TODAY, now=noon, region="IR", raw=None, synthetic=SUBSCRIBERS, seed=1, province=None
    )
    build_population(request)


def _at_home(home: str) -> None:
    from data.settings import settings

    os.environ["CHAPAR_HOME"] = home
    settings.cache_clear()


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
