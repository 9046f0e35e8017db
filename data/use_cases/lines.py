"""The numbers that are sent from: opened, listed, their price and hours changed, let send again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.errors import Refused
from data.records import accounts, lines
from data.records.lines import Change, Line, NewLine
from data.rules import inputs
from data.rules.inputs.line import Line as Asked
from data.rules.inputs.line import LineChange
from data.rules.sms import PartSizes
from data.use_cases import whose
from data.use_cases.floor import Case, question, use_case

__all__ = ["Line", "Page", "create", "edit", "listed", "own", "resume", "show", "sizes"]
ROWS_MAX = 1_000
NAMES_SHOWN = 10  # in a refusal


@dataclass(frozen=True, slots=True)
class Shown:
    """A line and the account it belongs to; empty where it is shared with the one that asks."""

    line: Line
    account: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines by name, and after which name the next ones begin."""

    rows: tuple[Shown, ...]
    after: str | None


@question("line.own")
def own(case: Case) -> list[Line]:
    """Return the lines of the account that asks, by name."""
    assert case.who.account_id is not None, "lines of one account"
    return lines.of_account(case.c, case.who.account_id)


@question("line.sizes")
def sizes(case: Case, name: str) -> PartSizes:
    """Return how long a part on a line is; an account has its own lines, the operator has all."""
    found = {one.line.name: one.line for one in _all(case, case.who.account_id)}
    if name not in found:
        raise _none_called(name, sorted(found))
    return found[name].tariff.sizes


@question("line.list")
def listed(
    case: Case, *, account: str | None = None, kind: str | None = None, limit: int = ROWS_MAX, after: str = ""
) -> Page:
    """Return one page of lines: an account's own; of one account or of all for the operator."""
    limit, owner = max(1, min(limit, ROWS_MAX)), whose.owner(case, account)
    found = [one for one in _all(case, owner) if one.line.name > after and kind in (None, one.line.kind)]
    return Page(tuple(found[:limit]), found[limit - 1].line.name if len(found) > limit else None)


@question("line.show")
def show(case: Case, name: str) -> Shown:
    """Return a line by name; one of another account is unknown."""
    return _found(case, name)


@use_case("line.create", right="home")
def create(case: Case, account: str, values: Mapping[str, Any]) -> Shown:
    """Open a line for an account; `values` are those of `inputs.line.Line`."""
    of = accounts.required(case.c, account)
    asked = inputs.accept(Asked, values)
    new = NewLine(
        name=asked.name, gateway=asked.gateway, account_id=of.id, kind=asked.kind, price_rials=asked.price,
        cost_rials=asked.cost, latin_price_rials=asked.latin_price, refund_policy=asked.refund,
        ucs2_part_units=asked.ucs2_part_units, can=asked.can,
    )  # fmt: skip
    lines.create_line(case.c, new, actor=case.who.name, now=case.now)
    case.silent = True  # the record writes the line of the trace itself
    return _found(case, new.name)


@use_case("line.edit", right="home")
def edit(case: Case, name: str, values: Mapping[str, Any]) -> Shown:
    """Change price, hours or what a line can: `values` are those of `inputs.line.LineChange`.

    Runs that are planned keep the price they were quoted.
    """
    found = _found(case, name)
    asked = inputs.accept(LineChange, values)
    if asked == LineChange():
        raise Refused("line", "say what is to change; see --help", "بگویید چه چیز عوض شود")
    change = Change(
        price_rials=asked.price, latin_price_rials=asked.latin_price, cost_rials=asked.cost,
        refund_policy=asked.refund, ucs2_part_units=asked.ucs2_part_units, hours=asked.hours, can=asked.can,
    )  # fmt: skip
    lines.change(case.c, found.line, change)
    case.note(name, account_id=found.line.account_id, changed=sorted(change.given()))
    return _found(case, name)


@use_case("line.resume", right="send")
def resume(case: Case, name: str, account: str | None = None) -> Shown:
    """Let a stopped line send again after the cause was mended."""
    found = _found(case, name)
    owner = whose.owner(case, account)
    if owner not in (None, found.line.account_id):
        raise _unknown(name)  # whoever shares it does not decide for its owner
    lines.resume(case.c, found.line.id, actor=case.who.name, now=case.now)
    case.silent = True
    return _found(case, name)


def _found(case: Case, name: str) -> Shown:
    found = next((one for one in _all(case, case.who.account_id) if one.line.name == name), None)
    if found is None:
        raise _unknown(name)
    return found


def _all(case: Case, owner: int | None) -> list[Shown]:
    """Return lines by name; of whom one is shared from is told to the operator alone."""
    known = accounts.listing(case.c) if owner is None else [accounts.get(case.c, owner)]
    names = {one.id: one.name for one in known}
    found = {line.name: line for one in known for line in lines.of_account(case.c, one.id)}
    return [Shown(line, names.get(line.account_id, "")) for _, line in sorted(found.items())]


def _unknown(name: str) -> Refused:
    return Refused(
        "name", f"there is no line {name!r}", f"خطی با نام «{name}» نیست", mend="line.unknown"
    )


def _none_called(name: str, names: list[str]) -> Refused:
    """Say which lines there are, or how to open one."""
    if not names:
        return Refused(
            "line",
            f"there is no line {name!r}, nor any other: open one with `chapar line create`",
            f"خطی با نام «{name}» نیست و خط دیگری هم نیست: با `chapar line create` یکی بسازید",
        )
    more, more_fa = (", …", "، …") if len(names) > NAMES_SHOWN else ("", "")
    return Refused(
        "line",
        f"there is no line {name!r}; there are: {', '.join(names[:NAMES_SHOWN])}{more}",
        f"خطی با نام «{name}» نیست؛ خط‌ها: {'، '.join(names[:NAMES_SHOWN])}{more_fa}",
    )
