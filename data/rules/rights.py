"""Who may do what: the one table of roles and rights, enforced by every use case.

A right is a kind of deed, not a page: whoever lacks it meets a refusal at every door alike. `home` is the
installation itself (gateways, accounts, releases) and belongs to its administrators alone.
"""

from __future__ import annotations

from typing import Final, Literal

Right = Literal["view", "send", "approve", "export", "pay", "people", "home"]

RIGHTS: Final[dict[Right, tuple[str, str]]] = {  # right: (Persian, English), to be read after "may"
    "view": ("دیدن", "look"),
    "send": ("ارسال", "send"),
    "approve": ("تایید ارسال", "approve sends"),
    "export": ("بردن خروجی", "take data away"),
    "pay": ("دیدن و افزودن پول", "handle money"),
    "people": ("مدیریت کاربران", "manage people"),
    "home": ("مدیریت سامانه", "run this installation"),
}
ROLES: Final[dict[str, tuple[str, str]]] = {  # role: (Persian, English)
    "admin": ("مدیر سامانه", "Administrator"),
    "reseller": ("نماینده", "Reseller"),
    "user": ("کاربر اصلی", "Owner"),
    "marketer": ("بازاریاب", "Marketer"),
    "approver": ("تاییدکننده", "Approver"),
    "analyst": ("تحلیلگر", "Analyst"),
    "finance": ("مالی", "Finance"),
}
_OWNER: Final[frozenset[Right]] = frozenset({"view", "send", "approve", "export", "pay", "people"})
OF_ROLE: Final[dict[str, frozenset[Right]]] = {
    "admin": _OWNER | {"home"},
    "reseller": _OWNER,
    "user": _OWNER,
    "marketer": frozenset({"view", "send"}),
    "approver": frozenset({"view", "approve"}),
    "analyst": frozenset({"view", "export"}),
    "finance": frozenset({"view", "export", "pay"}),
}
# Whose people may have a role: nobody becomes administrator of the installation through a customer's account.
NEEDS_ACCOUNT: Final[dict[str, frozenset[str]]] = {
    "admin": frozenset({"admin"}),
    "reseller": frozenset({"admin", "reseller"}),
}


def may(role: str, right: Right) -> bool:
    """Say whether a role has a right; an unknown role has none."""
    return right in OF_ROLE.get(role, frozenset())


def may_have(role: str, account_role: str) -> bool:
    """Say whether a person of an account of that kind (user, reseller, admin) may be given a role."""
    return role in ROLES and account_role in NEEDS_ACCOUNT.get(role, frozenset({account_role}))


def roles_for(account_role: str) -> tuple[str, ...]:
    """Return the roles that people of such an account may have, in the order they are offered."""
    return tuple(role for role in ROLES if may_have(role, account_role))
