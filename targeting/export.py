"""The set as a file for people: own numbers in the open, rented numbers masked (decisions 29)."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

import polars as pl

from data.errors import Refused
from targeting.privacy import masked_column
from targeting.scope import Built


def refuse_out(path: Path) -> None:
    """Refuse a place that cannot be written to before any work is done."""
    folder = path.resolve().parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise Refused(
            "out",
            f"{path} cannot be written; name a file in a folder that exists",
            f"در {path} نمی‌توان نوشت؛ فایلی در یک پوشه موجود نام ببرید",
        )


def write_set(built: Built, path: Path) -> None:
    """Write pos, number and operator as Parquet, readable by this user alone;
    the file appears whole or not at all.

    With any rented criterion in the audience every number is masked:
    that an own number is in the set would tell
    what the bank knows of it.
    """
    frame = built.frame.with_columns(pos=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32))
    if built.count.bank:
        frame = frame.with_columns(number=masked_column(frame["msisdn"])).select("pos", "number", "operator")
    else:
        frame = frame.drop("bank", "order_key").select("pos", pl.exclude("pos"))
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        frame.write_parquet(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def set_id(frame: pl.DataFrame, salt: bytes) -> str:
    """Return the SHA-256 (hex) of the numbers in their order,
    keyed with the secret salt so that none can be guessed.
    """
    numbers = frame["msisdn"].to_numpy().astype("<u8").tobytes()
    return hashlib.sha256(salt + numbers).hexdigest()
