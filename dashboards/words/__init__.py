"""Every word on the screen, in Persian and English, and how numbers, money and times are written in each."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.words import (
    account,
    collection,
    home,
    phonebook,
    pickers,
    report,
    reports,
    send,
    shell,
    summary,
)
from dashboards.words.figures import clock, count, day, day_short, decimal, moment, percent, plain, rials
from data.rules.kinds import KINDS
from data.rules.rights import ROLES

PARTS = (shell, home, send, pickers, summary, reports, report, collection, phonebook, account)
LANGUAGES: dict[str, dict[str, str]] = {
    language: {key: said[place] for part in PARTS for key, said in part.WORDS.items()}
    for place, language in enumerate(("fa", "en"))
}

__all__ = [
    "LANGUAGES",
    "clock",
    "count",
    "day",
    "day_short",
    "decimal",
    "direction",
    "isolated",
    "kind",
    "moment",
    "opening",
    "percent",
    "plain",
    "rials",
    "role",
    "roles",
    "say",
]


def say(key: str, language: str, **values: object) -> str:
    """Return the sentence of a key with its `{names}` filled; an unknown key is an error, never a blank."""
    sentence = LANGUAGES[language][key]
    return sentence.format(**values) if values else sentence


def opening(text: str) -> str:
    """Return a phrase as a line begins with it; what it is made of may stand inside another one too."""
    return text[:1].upper() + text[1:]


def isolated(text: str) -> str:
    """Return a message as a phone shows it: one with Persian in it runs from the right, whatever it begins
    with; a field in braces is read apart from the words around it.
    """
    mark = "\u200f" if any("\u0600" <= sign <= "\u06ff" for sign in text) else ""
    return mark + text.replace("{", "\u2068{").replace("}", "}\u2069")


def kind(name: str, language: str) -> str:
    """Return how a send kind is called (data.rules.kinds)."""
    persian, english = KINDS.get(name, (name, name))
    return persian if language == "fa" else english


def role(name: str, language: str) -> str:
    """Return how a role is called (data.rules.rights)."""
    persian, english = ROLES.get(name, (name, name))
    return persian if language == "fa" else english


def roles(names: Sequence[str] | None, language: str) -> dict[str, str]:
    """Return role → how it is called; of all of them where none is named."""
    return {name: role(name, language) for name in (ROLES if names is None else names)}


def direction(language: str) -> str:
    """Return the writing direction of a language: rtl or ltr."""
    return "rtl" if language == "fa" else "ltr"
