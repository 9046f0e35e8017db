"""A hand-made snapshot of a few hundred people, and the same people as a frame for recounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import settings as runs

from data.rules.order_columns import order_keys
from data.store.population import Population, Snapshot
from targeting.audience import Audience, Scope, parse_audience

runs.register_profile("shared-machine", deadline=None)
runs.load_profile("shared-machine")
SALT = bytes(range(16))
TODAY = date(2026, 11, 22)
OUTLINE = shapely.box(50.0, 35.0, 53.0, 37.0)
CITIES = {"2301": "23", "2302": "23", "1001": "10", "1002": "10"}
OPERATORS = ["mci", "irancell", "rightel"]
PREFIXES = {"mci": 912, "irancell": 935, "rightel": 920}
TABLES = """
CREATE TABLE provinces AS FROM (VALUES ('23', 'تهران', 'Tehran'), ('10', 'اصفهان', 'Isfahan'))
    v(code, name_fa, name_en);
CREATE TABLE cities AS FROM (VALUES
    ('2301', '23', 'تهران', 'Tehran'), ('2302', '23', 'كرج', 'Karaj'),
    ('1001', '10', 'اصفهان', 'Isfahan'), ('1002', '10', 'کرج', 'Karaj')) v(code, province, name_fa, name_en);
CREATE TABLE districts (
    code VARCHAR, city VARCHAR, name_fa VARCHAR, name_en VARCHAR, postcode_prefixes VARCHAR[], wkb BLOB
);
INSERT INTO districts VALUES
    ('d1', '2301', 'ونک', 'Vanak', ['113', '115'], NULL), ('d3', '2301', 'بی‌مرز', 'Nowhere', [], NULL);
CREATE TABLE occupations AS FROM (VALUES
    ('J1', 'سلامت', 'پزشک', 'Doctor'), ('J2', 'سلامت', 'پرستار', 'Nurse'), ('J3', 'خوراک', 'نانوا', 'Baker')
) v(code, group_fa, name_fa, name_en);
CREATE TABLE prefixes AS FROM (VALUES
    ('912', 'mci'), ('935', 'irancell'), ('920', 'rightel'), ('9121', 'mci'), ('998', 'shatel'))
    v(prefix, operator);
CREATE TABLE postcode_areas AS FROM (VALUES ('11', '23', '2301', 'Tehran'), ('81', '10', '1001', 'Isfahan'))
    v(prefix, province, city, name_fa);
CREATE TABLE towers AS FROM (VALUES
    (1::UINTEGER, 'GSM-432-11-1-1', 51.4::DOUBLE, 35.7::DOUBLE), (2::UINTEGER, 'LTE-432-35-7-9', 52.5, 36.5))
    v(id, name, lon, lat);
"""


@dataclass(frozen=True)
class Bank:
    """The snapshot, open, and who is in it."""

    population: Population
    people: pl.DataFrame


def make_people(n: int = 600, seed: int = 3) -> pl.DataFrame:
    """Return people with every kind of gap: no position, no birth date, no operator, no city."""
    rng = np.random.default_rng(seed)
    operator = rng.choice(OPERATORS, n)
    numbers = [
        98_000_000_0000 + PREFIXES[name] * 10**7 + 1_000_000 + 37 * at for at, name in enumerate(operator)
    ]
    born = [date(1946, 11, 22).toordinal() + int(day) for day in rng.integers(0, 68 * 365, n)]
    city = rng.choice(list(CITIES), n)

    def gaps(values: Any, share: float) -> list[Any]:
        return [None if rng.random() < share else value for value in values]

    position = rng.random(n) < 0.95
    return pl.DataFrame(
        {
            "msisdn": pl.Series(numbers, dtype=pl.UInt64),
            "lon": np.where(position, rng.uniform(50.1, 52.9, n).round(6), np.nan),
            "lat": np.where(position, rng.uniform(35.1, 36.9, n).round(6), np.nan),
            "born_on": gaps([date.fromordinal(day) for day in born], 0.1),
            "gender": gaps(rng.choice(["male", "female"], n), 0.05),
            "province": [CITIES[name] for name in city],
            "city": gaps(city, 0.05),
            "postcode": gaps(
                [
                    f"{p}{q:08d}"
                    for p, q in zip(rng.choice(["11", "81"], n), rng.integers(0, 10**8, n), strict=True)
                ],
                0.2,
            ),
            "operator": gaps(operator, 0.03),
            "line_type": rng.choice(["prepaid", "postpaid"], n),
            "occupation": gaps(rng.choice(["J1", "J2", "J3"], n), 0.3),
            "tower": pl.Series(gaps(rng.integers(1, 3, n).tolist(), 0.2), dtype=pl.UInt32),
            "opted_out": rng.random(n) < 0.05,
        },
        schema_overrides={"city": pl.String, "operator": pl.String, "occupation": pl.String},
    ).with_columns(
        pl.col("lon", "lat").fill_nan(None),
        order_key=pl.Series(order_keys(np.array(numbers, dtype=np.uint64), SALT), dtype=pl.UInt64),
    )


def write_bank(path: Path, people: pl.DataFrame, *, region: str = "IR", outline: Any = OUTLINE) -> Population:
    """Write people and the tables round them as a snapshot, and open it as readers do."""
    con = duckdb.connect(str(path))
    con.execute(TABLES)
    con.execute("CREATE TABLE outline (wkb BLOB)")
    con.execute("INSERT INTO outline VALUES (?)", [shapely.to_wkb(outline)])
    con.execute(
        "INSERT INTO districts VALUES ('d2', '2301', 'میدان', 'Square', [], ?)",
        [shapely.to_wkb(shapely.box(51.0, 35.5, 51.5, 36.0))],
    )
    con.register("people", people)
    columns = []
    for name in ("gender", "province", "city", "operator", "line_type", "occupation"):
        words = ", ".join(f"'{word}'" for word in sorted(people[name].drop_nulls().unique()))
        con.execute(f"CREATE TYPE {name}_e AS ENUM ({words})")
        columns.append(f"{name}::{name}_e AS {name}")
    con.execute(f"CREATE TABLE subscribers AS SELECT * REPLACE ({', '.join(columns)}) FROM people")
    con.close()
    snapshot = Snapshot(
        name=path.stem,
        path=path,
        region=region,
        timezone="Asia/Tehran",
        as_of=TODAY,
        subscribers=people.height,
        salt=SALT,
        built_at=datetime(2026, 11, 22, tzinfo=UTC),
        seed=None,
        provenance={},
        rejected={},
    )
    config: dict[str, Any] = {"enable_external_access": False, "lock_configuration": True}
    return Population(snapshot, duckdb.connect(str(path), read_only=True, config=config))


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """The hand-made snapshot."""
    people = make_people()
    population = write_bank(tmp_path_factory.mktemp("bank") / "hand-made.duckdb", people)
    yield Bank(population, people)
    population.close()


@pytest.fixture
def who() -> Scope:
    """The operator asks, on a fixed day, for a service message: nobody is left out."""
    return Scope(account_id=None, today=TODAY, advertising=False)


def one(kind: str, **fields: Any) -> Audience:
    """Return the audience of a single condition."""
    return parse_audience({"all": [{"kind": kind, **fields}]})
