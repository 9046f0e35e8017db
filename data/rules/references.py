"""Ids that leave the house: the reference of a batch and the 64-bit id of a message (protocol.md R6).

Both are made before the call and never change: a retry is recognised, and a receipt finds its batch.
"""

from __future__ import annotations

import hmac
import re
from functools import lru_cache

_ALPHABET = "0123456789abcdefghijklmnopqrstuv"  # base32hex in lower case: no sign needs escaping
_REF = re.compile(r"([1-9a-v][0-9a-v]*)-(0|[1-9a-v][0-9a-v]*)-([0-9a-v]+)", re.ASCII)
TAG_CHARS = 5
REF_MAX_CHARS = 32  # longer than any reference that we make; what is longer is not ours
RUN_ID_LIMIT = 2**31
POS_LIMIT = 2**32
# The run of self-tests, which is none: databases count runs from 1 and never come this far, so that a test
# message has a signed reference and an id like any other and can be taken for nobody's.
TEST_RUN_ID = RUN_ID_LIMIT - 1


def batch_ref(secret: bytes, run_id: int, seq: int) -> str:
    """Return the reference of batch `seq` of a run: `run-seq-tag`, only [0-9a-v-], always the same."""
    assert 0 < run_id < RUN_ID_LIMIT, run_id
    assert 0 <= seq < POS_LIMIT, seq
    return f"{_base32(run_id)}-{_base32(seq)}-{_tag(secret, run_id, seq)}"


def parse_ref(secret: bytes, ref: str) -> tuple[int, int] | None:
    """Return (run_id, seq) of a reference that we made with `secret`; None for any other text."""
    return _parsed(secret, ref) if len(ref) <= REF_MAX_CHARS else None


@lru_cache(maxsize=2**14)  # a batch is named by hundreds of receipts, in many a pass
def _parsed(secret: bytes, ref: str) -> tuple[int, int] | None:
    pieces = _REF.fullmatch(ref)
    if pieces is None:
        return None
    run_id, seq = int(pieces[1], 32), int(pieces[2], 32)
    if not (0 < run_id < RUN_ID_LIMIT and seq < POS_LIMIT):
        return None
    return (run_id, seq) if hmac.compare_digest(pieces[3], _tag(secret, run_id, seq)) else None


def message_id(run_id: int, pos: int) -> int:
    """Return the id of the message at place `pos` (1-based) of a run's set: run_id << 32 | pos."""
    assert 0 < run_id < RUN_ID_LIMIT, run_id
    assert 0 < pos < POS_LIMIT, pos
    return run_id << 32 | pos


def split_message_id(value: int) -> tuple[int, int]:
    """Return (run_id, pos) of a message id; either is 0 where `value` cannot be one of ours."""
    return (value >> 32, value & (POS_LIMIT - 1)) if 0 < value < RUN_ID_LIMIT << 32 else (0, 0)


def _tag(secret: bytes, run_id: int, seq: int) -> str:
    digest = hmac.digest(secret, f"{run_id}.{seq}".encode(), "sha256")
    bits = int.from_bytes(digest[:8], "big")
    return "".join([_ALPHABET[bits >> 5 * place & 31] for place in range(TAG_CHARS)])


def _base32(value: int) -> str:
    signs = _ALPHABET[value & 31]
    while value := value >> 5:
        signs = _ALPHABET[value & 31] + signs
    return signs
