"""As whom the command speaks: the operator of the installation, or the account that `--as` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.rules.rights import Right
    from data.use_cases.floor import Who


class _Speaker:
    """As which account the command speaks (--as), None: as the operator; set once by the command line."""

    account: str | None = None


SPEAKER = _Speaker()


def who() -> Who:
    """Return who asks: the operator of the installation, or the account that --as names, with its rights."""
    from data.use_cases.floor import OPERATOR

    if SPEAKER.account is None:
        return OPERATOR
    from data.errors import Refused
    from data.use_cases.floor import is_furnished

    if not is_furnished():
        name = SPEAKER.account
        raise Refused("as", f"there is no account {name!r} here", f"اینجا حسابی با نام «{name}» نیست")
    from data.use_cases import accounts

    return accounts.speaker(OPERATOR, SPEAKER.account)


def refuse_unless(right: Right) -> None:
    """Refuse what reaches no use case to somebody who speaks as an account without the right to it."""
    from data.rules import rights
    from data.use_cases.floor import NotAllowed

    if SPEAKER.account is not None and not rights.may((asker := who()).role, right):
        raise NotAllowed(right, asker.role)
