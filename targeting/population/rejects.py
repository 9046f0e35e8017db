"""What a refused build tells of the rows that it left out: where they are listed and what they lack most."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from data.errors import Refused
from data.store import population as store


def with_rejects(refused: Refused, rejected: Path, name: str) -> Refused:
    """Keep the lists of rejected rows and return the refusal with their folder and the commonest reason.

    What was refused for another cause than its rows comes back as it is where no row was rejected.
    """
    kept = store.keep_rejected(rejected, name)
    if kept is None:
        return refused
    table, reason, n = _commonest(kept, refused.field.removeprefix("raw."))
    rows = f"{n:,} {'row' if n == 1 else 'rows'}"
    return Refused(
        refused.field,
        f"{refused.en}; the commonest reason is {reason!r} ({table}: {rows}); all are listed in {kept}",
        f"{refused.fa}؛ بیشترین دلیل «{reason}» است ({table}: {n:,} سطر)؛ همه در «{kept}» آمده است",
    )


def _commonest(kept: Path, table: str) -> tuple[str, str, int]:
    """Return table, reason and rows of the commonest reason; of `table` itself where it has rejects."""
    lists = sorted(kept.glob("*.csv"))
    own = [path for path in lists if path.stem == table]
    reasons = pl.concat([
        pl.read_csv(path, columns=["reason"], infer_schema=False).with_columns(table=pl.lit(path.stem))
        for path in own or lists
    ])  # fmt: skip
    counted = reasons.group_by("table", "reason").len("rows")
    commonest = counted.sort("rows", "table", "reason", descending=[True, False, False])
    return str(commonest["table"][0]), str(commonest["reason"][0]), int(commonest["rows"][0])
