"""Names as people write them: one key for every way to write the same, and the nearest of what there is."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from data.rules.persian import fold
from targeting.codes import Code

NEAREST = 3  # names that a refusal offers
NAMES_COMPARED_MAX = 20_000  # more would make a refusal slow; the first are compared then
_BETWEEN = re.compile(r"[\s_.'’`‐-―-]+")  # what people put between the words of a name, or do not


def key(name: str) -> str:
    """Return the form in which two writings of a name are equal: letters, case, digits, joiners and blanks
    do not tell «خراسان‌رضوی» from «خراسان رضوي».
    """
    return _BETWEEN.sub("", fold(name))


def nearest(name: str, known: Iterable[tuple[str, str]]) -> list[str]:
    """Return of (name, what it stands for) those that resemble `name` most, the nearest first."""
    wanted = difflib.SequenceMatcher(autojunk=False)
    wanted.set_seq2(key(name))
    best: dict[str, float] = {}
    for at, (one, stands_for) in enumerate(known):
        if at >= NAMES_COMPARED_MAX:
            break
        wanted.set_seq1(key(one))
        best[stands_for] = max(best.get(stands_for, 0.0), wanted.ratio())
    return sorted(best, key=lambda one: -best[one])[:NEAREST]


class Vocabulary:
    """The few words of a column that no table of the snapshot names, such as genders."""

    def __init__(self, words: Mapping[Code | None, Iterable[str]]) -> None:
        """Keep code → words; None stands for a word that means no condition at all."""
        self._codes = {key(word): code for code, several in words.items() for word in several}

    def __contains__(self, word: object) -> bool:
        """Say whether the word is known."""
        return isinstance(word, str) and key(word) in self._codes

    def code(self, word: str | None) -> Code | None:
        """Return the code of a known word; None for no condition."""
        return None if word is None else self._codes[key(word)]
