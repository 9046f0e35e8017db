"""Characters that a reader never sees: white space, joiners, marks of direction, control characters."""

from __future__ import annotations

import unicodedata

# Letters and marks by their category that print nothing all the same: fillers, variation selectors …
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10)))
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
_LINE_ENDS = frozenset("\n\r")


def is_blank(text: str) -> bool:
    """Say whether nothing of `text` can be seen."""
    return all(sign in FILLERS or unicodedata.category(sign) in _UNSEEN for sign in text)


def control_at(text: str) -> int | None:
    """Return where the first character stands that no text may hold: a control character other than a line
    end, or half a surrogate pair, which no encoding can carry.
    """
    strange = (
        place
        for place, sign in enumerate(text)
        if sign not in _LINE_ENDS and unicodedata.category(sign) in {"Cc", "Cs"}
    )
    return next(strange, None)
