"""Row and count: which part of an ordered set a send takes (R1.12-R1.14, R16.14).
The order is (order_key, number).
"""

from __future__ import annotations

from dataclasses import dataclass

from targeting.criterion import Notice


@dataclass(frozen=True, slots=True)
class Slice:
    """`taken` people from the 1-based position `row` of `size`; the others are left out."""

    size: int
    row: int
    taken: int

    @property
    def left_out(self) -> int:
        """How many of the set are not in the slice."""
        return self.size - self.taken

    @property
    def next_row(self) -> int:
        """Where the next slice starts so that nobody is taken twice and nobody is passed over."""
        return self.row + self.taken


def cut(size: int, row: int = 1, count: int | None = None) -> Slice:
    """Return the slice of a set of `size` people; beyond the end there is nobody."""
    assert size >= 0, "a set has no fewer than 0 people"
    assert row >= 1, "rows count from 1"
    rest = max(0, size - (row - 1))
    return Slice(size, row, rest if count is None else min(count, rest))


def notice(slice_: Slice, count: int | None) -> Notice | None:
    """Return what to say where fewer were taken than asked, or nobody."""
    if slice_.size and slice_.row > slice_.size:
        return Notice(
            "row_beyond_end", f"row {slice_.row:,} is beyond the {slice_.size:,} that match; nobody is taken",
            f"ردیف {slice_.row:,} از {slice_.size:,} نفر برگزیده بیشتر است؛ کسی برداشته نشد",
        )  # fmt: skip
    if count is not None and slice_.taken < count:
        return Notice(
            "count_cut", f"{slice_.taken:,} of the {count:,} asked for are there; count was cut",
            f"از {count:,} نفرِ خواسته‌شده {slice_.taken:,} نفر هست؛ تعداد کم شد",
        )  # fmt: skip
    return None
