"""Numbers that must not be written to: what is asked when some are added, and when they are taken back."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import field_validator

from data.invalid import Unacceptable
from data.rules.inputs import Input, Label

WHY_CHARS_MAX: Final = 300
NUMBERS_MAX: Final = 5_000
_APART = re.compile(r"[\n\r,;،؛\t|]+")


class Reason(Input):
    """Why something is done: it stands in the trace and beside the number."""

    why: Annotated[
        str, Label("دلیل", "Reason", help_fa="کنار شماره می‌ماند", help_en="it stays beside the number",
                   chars_max=WHY_CHARS_MAX)
    ]  # fmt: skip

    @field_validator("why")
    @classmethod
    def _said(cls, value: str) -> str:
        if not 0 < len(value) <= WHY_CHARS_MAX:
            raise Unacceptable(
                f"say why in 1 to {WHY_CHARS_MAX} characters",
                f"دلیل را در ۱ تا {WHY_CHARS_MAX} نویسه بنویسید",
            )
        return value


class Suppression(Reason):
    """Numbers for the own blacklist: nothing more goes to them, and they get no answer."""

    numbers: Annotated[
        str,
        Label("شماره‌ها", "Numbers", "numbers", help_fa="هر شماره در یک سطر، به هر نگارشی؛ فهرست بلند از فایل",
              help_en="one a line, in any writing; a long list comes from a file"),
    ]  # fmt: skip

    @field_validator("numbers")
    @classmethod
    def _some(cls, value: str) -> str:
        if not 0 < len(apart(value)) <= NUMBERS_MAX:
            raise Unacceptable(
                f"write 1 to {NUMBERS_MAX:,} numbers", f"از ۱ تا {NUMBERS_MAX:,} شماره بنویسید"
            )
        return value


def apart(typed: str) -> list[str]:
    """Return the numbers that somebody typed or pasted, as they are written."""
    return [part.strip() for part in _APART.split(typed) if part.strip()]
