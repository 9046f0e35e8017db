"""A person who signs in: what is asked when one is let in, given another role or another password."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import Field, field_validator

from data.invalid import Unacceptable
from data.rules import rights
from data.rules.inputs import Input, Label

PASSWORD_LENGTH_MIN: Final = 10
PASSWORD_LENGTH_MAX: Final = 200
NAME_CHARS_MAX, TITLE_CHARS_MAX = 64, 200
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{1,63}")


class User(Input):
    """A new person of an account. Without a password one is made, and shown once."""

    username: Annotated[
        str,
        Label(
            "نام کاربری", "User name",
            help_fa="۲ تا ۶۴ حرف لاتین، رقم یا . _ @ -", help_en="2–64 letters, digits or . _ @ -",
            chars_max=NAME_CHARS_MAX,
        ),
    ]  # fmt: skip
    display_name: Annotated[
        str,
        Label(
            "نام", "Name", help_fa="آن‌گونه که در صفحه دیده می‌شود", help_en="as the pages show it",
            chars_max=TITLE_CHARS_MAX,
        ),
    ] = ""  # fmt: skip
    role: Annotated[
        str,
        Label(
            "نقش", "Role", "choice",
            help_fa="نقش می‌گوید چه می‌تواند بکند؛ هر زمان عوض می‌شود",
            help_en="what the person may do; it can be changed at any time",
        ),
    ]  # fmt: skip
    password: Annotated[
        str,
        Label(
            "گذرواژه", "Password", "password",
            help_fa="خالی بماند ساخته می‌شود و یک بار نشان داده می‌شود",
            help_en="left empty, one is made and shown once", chars_max=PASSWORD_LENGTH_MAX,
        ),
    ] = Field("", repr=False)  # fmt: skip

    @field_validator("username")
    @classmethod
    def _named(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise Unacceptable(
                "use 2-64 letters, digits or . _ @ -",
                "نام کاربری باید ۲ تا ۶۴ حرف لاتین، رقم یا . _ @ - باشد",
            )
        return value

    @field_validator("display_name")
    @classmethod
    def _called(cls, value: str) -> str:
        if len(value) > TITLE_CHARS_MAX:
            raise Unacceptable(
                f"use at most {TITLE_CHARS_MAX} characters", f"نام حداکثر {TITLE_CHARS_MAX} نویسه است"
            )
        return value

    @field_validator("role")
    @classmethod
    def _role(cls, value: str) -> str:
        return known_role(value)

    @field_validator("password")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        return good_password(value) if value else value


class NewRole(Input):
    """Another role for a person."""

    role: Annotated[str, Label("نقش", "Role", "choice")]

    @field_validator("role")
    @classmethod
    def _role(cls, value: str) -> str:
        return known_role(value)


class NewPassword(Input):
    """Another password for a person; without one it is made, and shown once."""

    password: Annotated[
        str,
        Label(
            "گذرواژهٔ تازه", "New password", "password",
            help_fa="خالی بماند ساخته می‌شود و یک بار نشان داده می‌شود",
            help_en="left empty, one is made and shown once", chars_max=PASSWORD_LENGTH_MAX,
        ),
    ] = Field("", repr=False)  # fmt: skip

    @field_validator("password")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        return good_password(value) if value else value


def known_role(value: str) -> str:
    """Return a role that exists; which of them an account's people may have, the account decides."""
    if value not in rights.ROLES:
        raise Unacceptable(
            f"use one of {', '.join(rights.ROLES)}", f"یکی از این نقش‌ها را برگزینید: {_roles_fa()}"
        )
    return value


def good_password(value: str) -> str:
    """Return a password that is neither too short nor too long to be hashed."""
    if not PASSWORD_LENGTH_MIN <= len(value) <= PASSWORD_LENGTH_MAX:
        raise Unacceptable(
            f"use {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters",
            f"گذرواژه باید {PASSWORD_LENGTH_MIN} تا {PASSWORD_LENGTH_MAX} نویسه باشد",
        )
    return value


def _roles_fa() -> str:
    return "، ".join(persian for persian, _ in rights.ROLES.values())
