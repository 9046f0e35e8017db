"""The order of a set: the official SipHash vectors, and ten keys that no new version may change."""

from __future__ import annotations

import numpy as np
import pytest

from data.rules.order import order_key, siphash24
from data.rules.order_columns import CHUNK, order_keys

KEY = bytes(range(16))
# Key 00…0f, message 00, 01, … of length 0 to 15: Aumasson and Bernstein's reference file, least byte first.
OFFICIAL = [
    "310e0edd47db6f72", "fd67dc93c539f874", "5a4fa9d909806c0d", "2d7efbd796666785",
    "b7877127e09427cf", "8da699cd64557618", "cee3fe586e46c9cb", "37d1018bf50002ab",
    "6224939a79f5f593", "b0e4a90bdf82009e", "f3b9dd94c5bb5d7a", "a7ad6b22462fb3f4",
    "fbe50e86bc8f1e75", "903d84c02756ea14", "eef27a8e90ca23f7", "e545be4961ca29a1",
]  # fmt: skip
SALT = b"Chapar courier 1"
GOLDEN = {
    989120000000: 6329467098097862187,
    989120000001: 9991747993213186828,
    989121234567: 4170596571423734360,
    989121234568: 12095521281250980158,
    989350000000: 12478496265720483380,
    989351234567: 10471900493723384848,
    989011111111: 16390617475341149954,
    989901234567: 15688189888974741612,
    989999999999: 10619663624982871390,
    4236601234567: 15147931597303481101,
}


@pytest.mark.parametrize(("length", "told"), list(enumerate(OFFICIAL)))
def test_the_hash_is_the_published_one(length: int, told: str) -> None:
    assert siphash24(KEY, bytes(range(length))).to_bytes(8, "little").hex() == told


def test_the_vector_of_eight_bytes_holds_in_columns() -> None:
    number = np.array([int.from_bytes(bytes(range(8)), "little")], dtype=np.uint64)
    assert int(order_keys(number, KEY)[0]).to_bytes(8, "little").hex() == OFFICIAL[8]


def test_ten_keys_never_change() -> None:
    keys = order_keys(np.array(list(GOLDEN), dtype=np.uint64), SALT)
    assert keys.dtype == np.uint64
    assert keys.tolist() == list(GOLDEN.values())
    assert [order_key(number, SALT) for number in GOLDEN] == list(GOLDEN.values())


def test_chunks_do_not_show() -> None:
    numbers = np.arange(989120000000, 989120000000 + CHUNK + 3, dtype=np.int64)
    keys = order_keys(numbers, SALT)
    for place in (0, CHUNK - 1, CHUNK, CHUNK + 2):
        assert int(keys[place]) == order_key(int(numbers[place]), SALT)
    assert len(np.unique(keys)) == len(numbers)
    assert len(order_keys(numbers[:0], SALT)) == 0


def test_the_numbers_themselves_are_left_alone() -> None:
    numbers = np.array([989121234567], dtype=np.uint64)
    order_keys(numbers, SALT)
    assert numbers.tolist() == [989121234567]


def test_another_salt_is_another_order() -> None:
    numbers = np.arange(989120000000, 989120001000, dtype=np.uint64)
    first, second = order_keys(numbers, SALT), order_keys(numbers, KEY)
    assert np.argsort(first).tolist() != np.argsort(second).tolist()
    low = np.argsort(first)[:500]
    assert 200 < np.count_nonzero(low < 500) < 300  # low numbers are not favoured


def test_a_short_salt_is_a_mistake() -> None:
    with pytest.raises(AssertionError):
        order_keys(np.array([1], dtype=np.uint64), b"short")
