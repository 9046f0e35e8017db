"""Words that mean the same to every line: leave, come back, help. No service may take one for its own.

A message means one of them only as a whole: «لغو نوبت» is no opt-out. Writings are folded, and signs around
the word do not count.
"""

from __future__ import annotations

from typing import Final, Literal

from data.rules.persian import fold

Word = Literal["stop", "start", "help"]

WORDS: Final[dict[Word, tuple[str, ...]]] = {
    "stop": ("11", "لغو", "لغو11", "لغو 11", "لغو-11", "لغو_11", "لغو.11", "stop", "off", "خاموش"),
    "start": ("12", "start", "عضویت مجدد", "عضویت\u200cمجدد"),
    "help": ("help", "راهنما", ""),  # an empty message, or a lone question mark
}
SIGNS: Final = " .,!?;:…،؛؟\"'`«»“”‘’()[]{}<>*#_~-–—+=/|\\"
STOPPED: Final = "دریافت پیام از این شماره برای شما لغو شد. عضویت دوباره: ۱۲"
STARTED: Final = "عضویت شما دوباره برقرار شد. لغو۱۱"
CONFIRMATIONS: Final[dict[str, str]] = {"stop": STOPPED, "start": STARTED}
MEANING: Final[dict[str, Word]] = {fold(text): word for word, texts in WORDS.items() for text in texts}


def reserved(text: str) -> Word | None:
    """Return what a message means to every line, or None where it is anything else."""
    return MEANING.get(bare(text))


def bare(text: str) -> str:
    """Return the folded text without the signs around it: the form in which words are compared."""
    return fold(text).strip(SIGNS)
