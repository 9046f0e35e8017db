"""A customer: what is asked when an account is opened."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import field_validator

from data.invalid import Unacceptable
from data.rules.account import CREDIT_MAX_RIALS, ROLES
from data.rules.inputs import Input, Label

NAME_CHARS_MAX, TITLE_CHARS_MAX = 64, 200
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


class Account(Input):
    """A new account, with its opening credit."""

    name: Annotated[
        str,
        Label(
            "نام حساب", "Account name", help_fa="۱ تا ۶۴ نویسه از a-z و 0-9 و . _ -",
            help_en="1-64 of a-z 0-9 . _ -", chars_max=NAME_CHARS_MAX,
        ),
    ]  # fmt: skip
    title: Annotated[
        str,
        Label(
            "عنوان", "Title", help_fa="آن‌گونه که در صفحه دیده می‌شود؛ خالی: همان نام",
            help_en="as the pages show it; empty: the name", chars_max=TITLE_CHARS_MAX,
        ),
    ] = ""  # fmt: skip
    role: Annotated[
        str,
        Label(
            "گونهٔ حساب", "Kind of account", "choice", help_fa="می‌گوید کاربرانش چه نقش‌هایی می‌گیرند",
            help_en="which roles its people may have",
        ),
    ] = "user"  # fmt: skip
    credit: Annotated[
        int,
        Label("اعتبار آغازین", "Opening credit", help_fa="به ریال", help_en="in rials"),
    ] = 0

    @field_validator("name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise Unacceptable(
                "use 1-64 of a-z 0-9 . _ - and begin with a letter or digit",
                "نام حساب باید ۱ تا ۶۴ نویسه از a-z و 0-9 و . _ - باشد",
            )
        return value

    @field_validator("title")
    @classmethod
    def _called(cls, value: str) -> str:
        if len(value) > TITLE_CHARS_MAX:
            raise Unacceptable(
                f"use at most {TITLE_CHARS_MAX} characters", f"عنوان حداکثر {TITLE_CHARS_MAX} نویسه است"
            )
        return value

    @field_validator("role")
    @classmethod
    def _role(cls, value: str) -> str:
        if value not in ROLES:
            raise Unacceptable(f"use one of {', '.join(ROLES)}", f"نقش باید {' یا '.join(ROLES)} باشد")
        return value

    @field_validator("credit")
    @classmethod
    def _within(cls, value: int) -> int:
        if not 0 <= value <= CREDIT_MAX_RIALS:
            raise Unacceptable(
                f"use 0 to {CREDIT_MAX_RIALS:,} rials",
                f"اعتبار باید از صفر تا {CREDIT_MAX_RIALS:,} ریال باشد",
            )
        return value
