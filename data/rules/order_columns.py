"""The order of a set in columns: SipHash-2-4 of 8-byte numbers in NumPy; agrees with `order.order_key`."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from data.rules.order import FINISH, SALT_BYTES, START

Words: TypeAlias = npt.NDArray[np.uint64]
CHUNK = 32_768  # five arrays of this many words stay in the processor's own cache


def order_keys(msisdn: npt.NDArray[np.integer], salt: bytes) -> Words:
    """Return the key (uint64) of each number under a salt of 16 bytes; additions wrap, as they must."""
    assert len(salt) == SALT_BYTES, "the salt has 16 bytes"
    numbers = np.ascontiguousarray(msisdn).astype(np.uint64, copy=False)
    keys = np.empty(len(numbers), dtype=np.uint64)
    halves = np.frombuffer(salt, dtype="<u8").astype(np.uint64)
    start = np.array(START, dtype=np.uint64) ^ np.tile(halves, 2)
    for low in range(0, len(numbers), CHUNK):
        keys[low : low + CHUNK] = _hash(numbers[low : low + CHUNK], start)
    return keys


def _hash(block: Words, start: Words) -> Words:
    """Hash one chunk: the number is the one full block, the other holds only the length, 8."""
    state = [np.full(len(block), word, dtype=np.uint64) for word in start]
    spare = np.empty_like(block)
    for word in (block, np.uint64(8 << 56)):
        state[3] ^= word
        _rounds(state, spare, 2)
        state[0] ^= word
    state[2] ^= np.uint64(FINISH)
    _rounds(state, spare, 4)
    result: Words = state[0] ^ state[1] ^ state[2] ^ state[3]
    return result


def _rounds(state: list[Words], spare: Words, times: int) -> None:
    a, b, c, d = state
    for _ in range(times):
        a += b
        c += d
        _turn(b, 13, a, spare)
        _turn(d, 16, c, spare)
        _left(a, 32, spare)
        a += d
        c += b
        _turn(d, 21, a, spare)
        _turn(b, 17, c, spare)
        _left(c, 32, spare)


def _turn(word: Words, bits: int, other: Words, spare: Words) -> None:
    _left(word, bits, spare)
    word ^= other


def _left(word: Words, bits: int, spare: Words) -> None:
    """Rotate in place; no array is made."""
    np.right_shift(word, np.uint64(64 - bits), out=spare)
    np.left_shift(word, np.uint64(bits), out=word)
    word |= spare
