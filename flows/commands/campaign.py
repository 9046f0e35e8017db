"""`chapar campaign …`: create from a file, start, run to its end in this process, follow, pause, stop,
report.
"""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import add, group, paged, record_id, refuse_unless, seconds, who
from flows.commands.documents import folder_of, read_document

STATUS = (  # what of a report `status` tells
    "campaign_id", "run_id", "state", "run_state", "recipients", "parts", "cost_rials", "price_rials",
    "at_most", "messages", "open", "opens_at", "never", "why", "runs", "next_at", "held_rials",
)  # fmt: skip


def register(commands: Any) -> None:
    """Add the command."""
    sub = group(commands, "campaign", "orders to send")
    create = add(
        sub, "create", _create, "store an order from a file (docs/campaigns.md); a draft until `start`"
    )
    create.add_argument("file", help="JSON or YAML, - for stdin")
    create.add_argument(
        "--token", default="", help="idempotency token: the same again gives the same campaign"
    )
    listing = add(sub, "list", _list, "the campaigns, newest first")
    listing.add_argument("--account", metavar="A", help="of one account")
    listing.add_argument("--state", metavar="S", help="of the campaign or of its newest run")
    listing.add_argument("--kind", metavar="K", help="how its people were chosen, such as area or quick")
    listing.add_argument("--text", metavar="T", help="what title or text holds")
    paged(listing, record_id)
    edit = add(sub, "edit", _edit, "change an order before its run begins or between two runs")
    edit.add_argument("id", type=record_id, metavar="ID")
    edit.add_argument("file", help="the whole order as it shall be; JSON or YAML, - for stdin")
    for name, run, say in (
        ("start", _start, "make a draft due: now, or at its own time"),
        ("run", _run, "carry a campaign to its end in this process"),
        ("status", _status, "where it stands"),
        ("report", _report, "what became of its messages"),
        ("pause", _pause, "let no further batch start"),
        ("resume", _resume, "let batches start again"),
        ("stop", _stop, "stop for good; what has not left is given back"),
    ):
        one = add(sub, name, run, say)
        one.add_argument("id", type=record_id, metavar="ID")
        if name == "run":
            one.add_argument(
                "--wait", type=seconds, metavar="SECONDS", help="end after so long without a receipt"
            )


def _create(given: argparse.Namespace) -> dict[str, Any]:
    from dataclasses import replace

    from data.errors import Refused
    from data.use_cases import floor, money, reports
    from targeting.orders import placing
    from targeting.uploads import taken_uploads

    order = _order(given)
    refuse_unless("send")
    account = money.purse(who(), order["account"], field="account").account
    token = given.token or order.get("token") or floor.new_key()
    if not isinstance(token, str):
        raise Refused("token", "write the token in quotation marks", "token را میان گیومه بنویسید")
    its = replace(who(), account_id=account.id)
    with taken_uploads(order["audience"], account.id, folder_of(given.file), at="audience") as taken:
        asked = order | {"audience": taken.tree}
        campaign_id, checked = placing.order(its, asked, token=token, scheduled=False)
        made = reports.report(its, campaign_id).campaign
    price = made.quoted_rials
    quote = checked.to_json() if checked else {"price_rials": price, "cost_rials": price}
    return {
        "campaign_id": campaign_id, "run_id": None, "state": made.state, "run_state": None,
        "title": made.title, "kind": made.kind, "recipients": None, "parts": None, "messages": {},
        "notices": [], **quote,
    }  # fmt: skip


def _edit(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import reports
    from targeting.orders import editing
    from targeting.uploads import taken_uploads

    order = _order(given)
    refuse_unless("send")
    account_id = reports.report(who(), given.id).campaign.account_id
    with taken_uploads(order["audience"], account_id, folder_of(given.file), at="audience") as taken:
        checked = editing.edit(who(), given.id, order | {"audience": taken.tree})
    return _status(given) | {"order": checked.to_json()}


def _order(given: argparse.Namespace) -> dict[str, Any]:
    """Read a campaign file that names its account and its audience."""
    from data.errors import Refused

    order = read_document(given.file)
    if not isinstance(order, dict):
        raise Refused(
            "file", "a campaign file is an object; see docs/campaigns.md", "پروندهٔ کارزار باید یک شیء باشد"
        )
    name = order.get("account")
    if not isinstance(name, str) or not name.strip():
        raise Refused(
            "account", "write account: the name of an account (chapar account list)",
            "account را بنویسید: نام یکی از حساب‌ها (chapar account list)",
        )  # fmt: skip
    if order.get("audience") is None:
        raise Refused(
            "audience", 'write audience: who is to get it, such as {"any": […]} (docs/audiences.md)',
            'audience را بنویسید: چه کسانی می‌گیرند، مانند {"any": […]} (docs/audiences.md)',
        )  # fmt: skip
    return order


def _list(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import reports

    wanted = reports.Filter(
        kind=given.kind, text=given.text, account=given.account, state=given.state, below=given.after
    )
    found = reports.search(who(), wanted, limit=given.limit)
    more = found.total > len(found.rows)
    return {
        "campaigns": [one.to_json() for one in found.rows],
        "total": found.total, "after": found.rows[-1].id if more else None,
    }  # fmt: skip


def _start(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import campaigns

    campaigns.start(who(), given.id)
    return _status(given)


def _run(given: argparse.Namespace) -> dict[str, Any] | tuple[dict[str, Any], int]:
    from data.use_cases import campaigns, floor
    from flows.running import run_to_its_end

    floor.ready()
    refuse_unless("send")
    campaigns.verbs(who(), given.id)  # of another account it is unknown
    return run_to_its_end(given.id, wait=given.wait, viewer=who())


def _status(given: argparse.Namespace) -> dict[str, Any]:
    told = _report(given)
    return {name: told[name] for name in STATUS if name in told}


def _report(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import reports

    return reports.report(who(), given.id).to_json()


def _pause(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import campaigns

    campaigns.pause(who(), given.id)
    return _status(given)


def _resume(given: argparse.Namespace) -> dict[str, Any]:
    from data.use_cases import campaigns

    campaigns.resume(who(), given.id)
    return _status(given)


def _stop(given: argparse.Namespace) -> dict[str, Any]:
    """What has not left is given back here and now: in a home without a worker nobody else would."""
    from data.use_cases import campaigns
    from flows.steps import closing, recovering

    campaigns.stop(who(), given.id)
    recovering.release_cancelled()
    closing.close_complete()
    return _status(given)
