"""A recipient set of a million merged Persian texts with parts, against Polars writing the same rows."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

RECIPIENTS = 1_000_000
ROUNDS = 7
REACH = 3.0
TEXT = "سلام {نام|دوست} عزیز، جشنواره بهاره ما تا پایان هفته در شعبه {شهر} ادامه دارد. کد شما: {کد}. لغو۱۱"


def run() -> dict[str, Any]:
    """Return one row of ratios: medians of rounds in which the two take turns."""
    from data.rules.pricing import Tariff
    from data.settings import settings
    from data.store import lake
    from targeting.orders.quote import recipient_set
    from targeting.texts import checked

    tariff = Tariff(price_rials=90, latin_price_rials=225)
    with tempfile.TemporaryDirectory(prefix="chapar-bench-") as home:
        os.environ["CHAPAR_HOME"] = home
        settings.cache_clear()
        frame = _people(RECIPIENTS)
        ready = recipient_set(frame, checked(TEXT), tariff)
        mine, other = [], []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            written = lake.write(recipient_set(frame, checked(TEXT), tariff), "recipients")
            mine.append(time.perf_counter() - began)
            (lake.lake_root() / written.path).unlink()
            began = time.perf_counter()
            _plainly(ready, Path(home) / "plain.parquet")
            other.append(time.perf_counter() - began)
    ours, theirs = statistics.median(mine), statistics.median(other)
    return {
        "what": f"recipient set, {RECIPIENTS:,} merged Persian texts with parts and price → lake",
        "against": "Polars writing the same rows with no merging",
        "ours": f"{ours:.2f} s",
        "theirs": f"{theirs:.2f} s",
        "ratio": round(ours / theirs, 2),
        "reach": f"≤ {REACH}",
        "ok": ours / theirs <= REACH,
    }


def _plainly(ready: pl.DataFrame, path: Path) -> None:
    """Write the finished rows as durably and as compressed as the lake does, and nothing else."""
    ready.write_parquet(path, compression="zstd", compression_level=1, row_group_size=65_536)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _people(n: int) -> pl.DataFrame:
    """Return recipients with three fields, one of them sometimes empty, as an audience is built."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(7)
    names = pl.Series(["علی", "فاطمه", "محمدرضا", "Sara", None, "زهرا", "امیرحسین", "نگار"])
    cities = pl.Series(["تهران", "اصفهان", "مشهد", "شیراز", "تبریز"])
    return pl.DataFrame(
        {
            "msisdn": pl.Series(989_100_000_000 + rng.permutation(n * 9)[:n], dtype=pl.UInt64),
            "operator": pl.Series(rng.choice(["mci", "irancell", "rightel"], n)),
            "bank": pl.repeat(False, n, eager=True),
            "order_key": pl.Series(np.sort(rng.integers(0, 2**63, n)), dtype=pl.UInt64),
            "نام": names.gather(rng.integers(0, names.len(), n)),
            "شهر": cities.gather(rng.integers(0, cities.len(), n)),
            "کد": pl.Series(rng.integers(10_000, 99_999, n)).cast(pl.String),
        }
    )


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
