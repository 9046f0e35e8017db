"""The order of a set: SipHash-2-4 of each number under the home's secret salt (spec 4.2).

Keyed and stable: nobody outside can tell who comes first, low numbers are not favoured, and no library's next
version can change it. J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF", 2012.
"""

from __future__ import annotations

SALT_BYTES = 16
START = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
FINISH = 0xFF
_WORD = 2**64 - 1


def order_key(msisdn: int, salt: bytes) -> int:
    """Return the 64-bit place of a number; ties are broken by the number itself."""
    return siphash24(salt, msisdn.to_bytes(8, "little"))


def siphash24(key: bytes, data: bytes) -> int:
    """Return SipHash-2-4 of `data` under a key of 16 bytes."""
    assert len(key) == SALT_BYTES, "the key has 16 bytes"
    halves = (int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little"))
    state = [word ^ halves[place % 2] for place, word in enumerate(START)]
    padded = data + bytes(-(len(data) + 1) % 8) + bytes([len(data) & 0xFF])
    for start in range(0, len(padded), 8):
        block = int.from_bytes(padded[start : start + 8], "little")
        state[3] ^= block
        _rounds(state, 2)
        state[0] ^= block
    state[2] ^= FINISH
    _rounds(state, 4)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _rounds(state: list[int], times: int) -> None:
    a, b, c, d = state
    for _ in range(times):
        a = a + b & _WORD
        c = c + d & _WORD
        b = _left(b, 13) ^ a
        d = _left(d, 16) ^ c
        a = _left(a, 32)
        a = a + d & _WORD
        c = c + b & _WORD
        d = _left(d, 21) ^ a
        b = _left(b, 17) ^ c
        c = _left(c, 32)
    state[:] = a, b, c, d


def _left(word: int, bits: int) -> int:
    return (word << bits | word >> 64 - bits) & _WORD
