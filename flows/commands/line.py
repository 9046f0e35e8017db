"""`chapar line create|resume`: open a line (sender number) for an account on a gateway (decisions 32)."""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import ACTOR, add, group, whole


def register(commands: Any) -> None:
    """Add the command."""
    sub = group(commands, "line", "numbers we send from")
    create = add(sub, "create", _create, "open a line; prices are rial for one part")
    create.add_argument("name", help="the sender number or name")
    create.add_argument("--gateway", required=True)
    create.add_argument("--account", required=True)
    create.add_argument("--kind", required=True, choices=("ad", "service"), help="ad: allowed hours apply")
    create.add_argument("--price", required=True, type=whole, metavar="RIALS", help="a Persian part")
    create.add_argument(
        "--latin-price", type=whole, metavar="RIALS", help="a Latin part (default: price x factor)"
    )
    create.add_argument(
        "--cost", required=True, type=whole, metavar="RIALS", help="what the gateway bills for a part"
    )
    create.add_argument("--refund", default="send_base", choices=("send_base", "delivery_base"))
    create.add_argument(
        "--part-units", type=whole, default=67, choices=(66, 67), help="units of a long Persian part"
    )
    resume = add(sub, "resume", _resume, "let a stopped line send again")
    resume.add_argument("name")
    resume.add_argument("--account", required=True)


def _create(given: argparse.Namespace) -> dict[str, Any]:
    from data import clock
    from data.records import accounts, lines
    from data.store import operations

    operations.migrate()
    with operations.writing() as c:
        account = accounts.required(c, given.account)
        new = lines.NewLine(
            name=given.name, gateway=given.gateway, account_id=account.id, kind=given.kind,
            price_rials=given.price,
            cost_rials=given.cost, latin_price_rials=given.latin_price, refund_policy=given.refund,
            ucs2_part_units=given.part_units,
        )  # fmt: skip
        made = lines.get(c, lines.create_line(c, new, actor=ACTOR, now=clock.now()))
    return {
        "line": {
            "id": made.id, "name": made.name, "gateway": made.gateway, "account": given.account,
            "kind": made.kind,
            **made.tariff.to_json(),
        }
    }  # fmt: skip


def _resume(given: argparse.Namespace) -> dict[str, Any]:
    from data import clock
    from data.errors import Refused
    from data.records import accounts, lines
    from data.store import operations

    operations.migrate()
    with operations.writing() as c:
        line = lines.find(c, accounts.required(c, given.account).id, given.name)
        if not line:
            raise Refused(
                "name", f"this account has no such line; its lines: chapar account show {given.account}",
                f"این حساب چنین خطی ندارد؛ خط‌های آن: chapar account show {given.account}",
            )  # fmt: skip
        lines.resume(c, line.id, actor=ACTOR, now=clock.now())
    return {"line": {"name": given.name, "stopped": False}}
