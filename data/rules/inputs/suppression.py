"""Numbers that must not be written to: what is asked when some are added, taken back, or read from a file."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from data.errors import Refused
from data.invalid import Unacceptable
from data.rules.inputs import File, Input, Label
from data.rules.persian import listed
from data.rules.purposes import SUPPRESSION_KINDS

WHY_CHARS_MAX: Final = 300
PROOF_CHARS_MAX: Final = 4_000
COLUMN_CHARS_MAX: Final = 80
NUMBERS_MAX: Final = 5_000
ENTERED: Final = ("blacklist", "opt_out")  # what people enter here; the operator's block is learnt
_APART = re.compile(r"[\n\r,;،؛\t|]+")


def _said(value: str) -> str:
    if not 0 < len(value) <= WHY_CHARS_MAX:
        raise Unacceptable(
            f"say why in 1 to {WHY_CHARS_MAX} characters", f"دلیل را در ۱ تا {WHY_CHARS_MAX} نویسه بنویسید"
        )
    return value


def _entered(value: str) -> str:
    if value not in ENTERED:
        raise Unacceptable(
            f"use one of {', '.join(ENTERED)}", f"یکی از این‌ها را بنویسید: {'، '.join(ENTERED)}"
        )
    return value


Why = Annotated[
    str,
    Label("دلیل", "Reason", help_fa="کنار شماره می‌ماند", help_en="it stays beside the number",
          chars_max=WHY_CHARS_MAX),
    AfterValidator(_said),
]  # fmt: skip
Kind = Annotated[
    str,
    Label("گونه", "Kind", "choice", help_fa="لیست سیاه جلوی همه‌چیز را می‌گیرد؛ لغو، تبلیغ و خبرنامه را",
          help_en="the blacklist stops everything; an opt-out stops adverts and notices"),
    AfterValidator(_entered),
]  # fmt: skip


class Reason(Input):
    """Why something is done: it stands in the trace and beside the number."""

    why: Why


class Suppression(Input):
    """Numbers for the own blacklist, or of people who asked elsewhere to be left alone."""

    kind: Kind
    numbers: Annotated[
        str,
        Label("شماره‌ها", "Numbers", "numbers", help_fa="هر شماره در یک سطر، به هر نگارشی؛ فهرست بلند از فایل",
              help_en="one a line, in any writing; a long list comes from a file"),
    ]  # fmt: skip
    why: Why

    @field_validator("numbers")
    @classmethod
    def _some(cls, value: str) -> str:
        if not 0 < len(apart(value)) <= NUMBERS_MAX:
            raise Unacceptable(
                f"write 1 to {NUMBERS_MAX:,} numbers", f"از ۱ تا {NUMBERS_MAX:,} شماره بنویسید"
            )
        return value


class Return(Input):
    """Somebody who opted out and wants messages again: why, and the proof, in words or as a file."""

    why: Why
    said: Annotated[
        str,
        Label("متن سند", "Proof in words", "long", help_fa="درخواست نوشتهٔ خود او، همان‌گونه که آمد",
              help_en="what the person wrote, as it came", chars_max=PROOF_CHARS_MAX),
    ] = ""  # fmt: skip
    proof: Annotated[
        File | None,
        Label("سند (فایل)", "Proof (file)", "file", help_fa="نامه، تصویر یا فرم امضاشده؛ نگه داشته می‌شود",
              help_en="a letter, a picture or a signed form; it is kept"),
    ] = Field(None, validate_default=True)  # fmt: skip

    @field_validator("proof")
    @classmethod
    def _either(cls, value: File | None, info: ValidationInfo) -> File | None:
        given, said = bool(value and value.content.strip()), bool(info.data.get("said"))
        if given == said:
            raise Unacceptable(
                "give the proof, in words or as a file; without one a person comes back by sending 12",
                "سند را بنویسید یا فایلش را بدهید؛ بی سند تنها خودش با فرستادن ۱۲ بازمی‌گردد",
            )
        return value


class SuppressionImport(Input):
    """A file of numbers that must not be written to."""

    file: Annotated[
        File,
        Label("فایل", "File", "file", help_fa="CSV، هر شماره در یک سطر", help_en="CSV, a number to a row",
              endings=("csv", "txt", "tsv")),
    ]  # fmt: skip
    kind: Kind
    column: Annotated[
        str,
        Label("ستون شماره‌ها", "Column of the numbers", help_fa="سرستون یا شمارهٔ ستون؛ خالی: خودش پیدا می‌کند",
              help_en="its heading or place; empty: it is found", chars_max=COLUMN_CHARS_MAX),
    ] = ""  # fmt: skip
    why: Why


def apart(typed: str) -> list[str]:
    """Return the numbers that somebody typed or pasted, as they are written."""
    return [part.strip() for part in _APART.split(typed) if part.strip()]


def given_reason(why: str) -> str:
    """Return a reason without outer blanks; none at all, or a novel, is refused."""
    try:
        return _said(why.strip())
    except Unacceptable as error:
        raise Refused("why", str(error), error.fa) from error


def known_kind(kind: str) -> str:
    """Return a kind of suppression that exists; any other word is refused."""
    if kind not in SUPPRESSION_KINDS:
        raise Refused(
            "kind", f"use one of {', '.join(SUPPRESSION_KINDS)}",
            f"یکی از این‌ها را بنویسید: {listed(SUPPRESSION_KINDS)}",
        )  # fmt: skip
    return kind
