"""What a message is for, and so whom it must not reach: what an opt-out stops and what it does not.

The person's own word (`opt_out`) stops advertising of the whole account, and greetings and notices of the
line it was said to; an operator's list stops advertising; the owner's `blacklist` stops everything.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

Purpose = Literal["advert", "notice", "service", "answer"]
SuppressionKind = Literal["opt_out", "blacklist", "operator"]

PURPOSES: Final = get_args(Purpose)
SUPPRESSION_KINDS: Final[tuple[SuppressionKind, ...]] = get_args(SuppressionKind)
# purpose: what stops it wherever it was said, and what stops it only on the line it was said to
STOPPED_BY: Final[dict[Purpose, tuple[frozenset[str], frozenset[str]]]] = {
    "advert": (frozenset(SUPPRESSION_KINDS), frozenset()),
    "notice": (frozenset({"blacklist"}), frozenset({"opt_out"})),
    "service": (frozenset({"blacklist"}), frozenset()),
    "answer": (frozenset({"blacklist"}), frozenset()),
}
_OF_KIND: Final[dict[str, Purpose]] = {"greeting": "notice", "notice": "notice", "reply": "answer"}
LABELS: Final[dict[SuppressionKind, tuple[str, str]]] = {  # kind: (Persian, English)
    "opt_out": ("لغو ۱۱", "Opted out"),
    "blacklist": ("لیست سیاه من", "My blacklist"),
    "operator": ("مسدود نزد اپراتور", "Blocked at the operator"),
}


def purpose_of(kind: str, *, advertising: bool) -> Purpose:
    """Return what a campaign of that kind is for; what advertises is an advert, whatever else it is."""
    return "advert" if advertising else _OF_KIND.get(kind, "service")


def stops(entry: str, purpose: Purpose, *, same_line: bool) -> bool:
    """Say whether an entry of that kind stops a message; `same_line`: the entry is of its line, or of all."""
    everywhere, on_its_line = STOPPED_BY[purpose]
    return entry in everywhere or (same_line and entry in on_its_line)
