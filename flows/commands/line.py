"""`chapar line …`: the numbers that are sent from, on which gateway, for whom and at what price."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from data.rules import reasons
from data.rules.line import CAN, KINDS, PART_UNITS
from data.rules.pricing import REFUND_POLICIES
from flows.commands import add, group, paged, who, whole

if TYPE_CHECKING:
    from data.use_cases.lines import Shown


def register(commands: Any) -> None:
    """Add the command."""
    sub = group(commands, "line", "numbers we send from")
    create = add(sub, "create", _create, "open a line; prices are rial for one part")
    create.add_argument("name", help="the sender number or name")
    create.add_argument("--gateway", required=True)
    create.add_argument("--account", required=True)
    create.add_argument("--kind", required=True, choices=KINDS, help="ad: allowed hours apply")
    listing = add(sub, "list", _list, "the lines, by name")
    listing.add_argument("--account", metavar="A", help="of one account")
    listing.add_argument("--kind", choices=KINDS)
    paged(listing)
    show = add(sub, "show", _show, "a line: price, hours, why it is stopped")
    show.add_argument("name")
    edit = add(sub, "edit", _edit, "another price or other hours; planned runs keep what they were quoted")
    edit.add_argument("name")
    edit.add_argument("--hours", nargs="+", metavar="HH:MM", help="from and to, or the one word none")
    for one in (create, edit):
        one.add_argument("--can", nargs="+", metavar="WHAT", help=f"{', '.join(CAN)}; or the one word none")
    share = add(sub, "share", _share, "let another account send from a line, or no longer")
    share.add_argument("name", metavar="LINE")
    share.add_argument("account", metavar="ACCOUNT")
    share.add_argument("--remove", action="store_true", help="take it from that account again")
    for one, needed in ((create, True), (edit, False)):
        _tariff(one, needed)
    resume = add(sub, "resume", _resume, "let a stopped line send again")
    resume.add_argument("name")
    resume.add_argument("--account")


def _tariff(parser: argparse.ArgumentParser, needed: bool) -> None:
    parser.add_argument("--price", required=needed, type=whole, metavar="RIALS", help="a Persian part")
    parser.add_argument(
        "--latin-price", type=whole, metavar="RIALS", help="a Latin part (default: price x factor)"
    )
    parser.add_argument(
        "--cost", required=needed, type=whole, metavar="RIALS", help="what the gateway bills for a part"
    )
    parser.add_argument("--refund", choices=REFUND_POLICIES, default=REFUND_POLICIES[0] if needed else None)
    parser.add_argument(
        "--part-units", type=whole, choices=PART_UNITS, help="units of a long Persian part",
        default=PART_UNITS[-1] if needed else None,
    )  # fmt: skip


def _create(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import lines

    values = {"name": given.name, "gateway": given.gateway, "kind": given.kind, **_values(given)}
    return {"line": _told(lines.create(who(), given.account, values))}


def _list(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import lines

    page = lines.listed(
        who(), account=given.account, kind=given.kind, limit=given.limit, after=given.after or ""
    )
    return {"lines": [_told(one) for one in page.rows], "after": page.after}


def _show(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import lines

    return {"line": _told(lines.show(who(), given.name))}


def _edit(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import lines

    values = _values(given) | {"hours": given.hours}
    return {"line": _told(lines.edit(who(), given.name, values))}


def _share(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import line_shares, lines

    (line_shares.unshare if given.remove else line_shares.share)(who(), given.name, given.account)
    shown = lines.show(who(), given.name)
    return {"line": _told(shown), "shared_with": given.account, "shared": not given.remove}


def _resume(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import lines

    return {"line": _told(lines.resume(who(), given.name, given.account))}


def _values(given: argparse.Namespace) -> dict[str, Any]:
    return {
        "price": given.price, "latin_price": given.latin_price, "cost": given.cost, "refund": given.refund,
        "ucs2_part_units": given.part_units, "can": given.can,
    }  # fmt: skip


def _told(shown: Shown) -> dict[str, Any]:
    one = shown.line
    return {
        "id": one.id, "name": one.name, "gateway": one.gateway, "account": shown.account, "kind": one.kind,
        **one.tariff.to_json(), "hours": list(one.window) if one.window else None,
        "can": [what for what in CAN if what in one.can],
        "stopped": one.stopped_why is not None,
        "why": reasons.plain(one.stopped_why) or None,
    }  # fmt: skip
