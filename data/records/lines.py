"""Gateways as rows, and the lines (sender numbers) they carry for an account, with tariff and hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from data.errors import Refused
from data.records import audit
from data.records.line_shares import usable
from data.rules import reasons
from data.rules.line import DEFAULT_CAN
from data.rules.pricing import Tariff, latin_price
from data.settings import settings
from data.store.operations import inserted_id
from data.store.tables import gateway, line

CAPABILITIES: Final = {  # what a line can → its column
    "receive": "can_receive", "demographic": "supports_demographic", "flash": "can_flash", "udh": "can_udh",
    "vcard": "can_vcard",
}  # fmt: skip
STOPPED_WHY_CHARS: Final = 300  # what the column holds


@dataclass(frozen=True, slots=True)
class Line:
    """A number we send from, what it costs, and when it may be used."""

    id: int
    name: str
    gateway: str
    account_id: int
    kind: str
    tariff: Tariff
    window: tuple[str, str] | None
    can: frozenset[str]  # of CAPABILITIES
    stopped_why: str | None


@dataclass(frozen=True, slots=True)
class NewLine:
    """A row of the table, as the input model of a line has checked it; prices are rial a part."""

    name: str
    gateway: str
    account_id: int
    kind: str
    price_rials: int
    cost_rials: int
    latin_price_rials: int | None = None
    refund_policy: str = "send_base"
    ucs2_part_units: int = 67
    can: frozenset[str] = DEFAULT_CAN


@dataclass(frozen=True, slots=True)
class Change:
    """What of a line is to be another, checked; None stays as it is. `hours` are HH:MM, or () for none."""

    price_rials: int | None = None
    latin_price_rials: int | None = None
    cost_rials: int | None = None
    refund_policy: str | None = None
    ucs2_part_units: int | None = None
    hours: tuple[str, ...] | None = None
    can: frozenset[str] | None = None  # all that it can from now on

    def given(self) -> dict[str, Any]:
        """Return the fields that change, as the table has them."""
        names = ("price_rials", "latin_price_rials", "cost_rials", "refund_policy", "ucs2_part_units")
        found = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        if self.hours is not None:
            start, end = self.hours or (None, None)
            found |= {"window_from": start, "window_to": end}
        if self.can is not None:
            found |= {column: what in self.can for what, column in CAPABILITIES.items()}
        return found


def set_gateway(
    c: Connection, name: str, *, adapter: str, values: dict[str, Any], actor: str, now: datetime
) -> None:
    """Store a gateway's settings, new or changed; they hold secrets and appear in no log."""
    known = c.scalar(sa.select(gateway.c.name).where(gateway.c.name == name))
    row = {"adapter": adapter, "settings": values, "changed_at": now}
    if known:
        c.execute(sa.update(gateway).where(gateway.c.name == name).values(**row))
    else:
        c.execute(sa.insert(gateway).values(name=name, created_at=now, **row))
    audit.write(c, "gateway.set", actor=actor, now=now, subject=name, detail={"adapter": adapter})


def gateways(c: Connection) -> dict[str, dict[str, Any]]:
    """Return by name the settings of every stored gateway, its adapter among them; they hold secrets."""
    g = gateway.c
    rows = c.execute(sa.select(g.name, g.adapter, g.settings).order_by(g.name))
    return {row.name: {**row.settings, "adapter": row.adapter} for row in rows}


def create_line(c: Connection, new: NewLine, *, actor: str, now: datetime) -> int:
    """Open a line for an account; advertising lines get the default hours. Return its id."""
    _check(c, new)
    latin = new.latin_price_rials
    hours, factor = settings().ads, settings().billing.latin_factor
    line_id = inserted_id(
        c, sa.insert(line).values(
            name=new.name, gateway=new.gateway, account_id=new.account_id, kind=new.kind,
            price_rials=new.price_rials, cost_rials=new.cost_rials,
            latin_price_rials=latin_price(new.price_rials, factor) if latin is None else latin,
            ucs2_part_units=new.ucs2_part_units, refund_policy=new.refund_policy,
            window_from=hours.window_from if new.kind == "ad" else None,
            window_to=hours.window_to if new.kind == "ad" else None,
            created_at=now, **{column: what in new.can for what, column in CAPABILITIES.items()},
        )
    )  # fmt: skip
    audit.write(c, "line.create", actor=actor, now=now, account_id=new.account_id, subject=new.name)
    return int(line_id)


def get(c: Connection, line_id: int) -> Line:
    """Return a line that is known to exist."""
    row = c.execute(sa.select(line).where(line.c.id == line_id)).one()
    return _of(row)


def find(c: Connection, account_id: int, name: str) -> Line | None:
    """Return the line of that name that the account may send from, its own or shared with it, or None."""
    row = c.execute(sa.select(line).where(usable(account_id), line.c.name == name)).first()
    return _of(row) if row else None


def named(c: Connection, name: str) -> Line | None:
    """Return the line of that name, whosever it is, or None."""
    row = c.execute(sa.select(line).where(line.c.name == name)).first()
    return _of(row) if row else None


def of_account(c: Connection, account_id: int) -> list[Line]:
    """Return the lines that an account may send from, its own and shared ones, by name."""
    rows = c.execute(sa.select(line).where(usable(account_id)).order_by(line.c.name))
    return [_of(row) for row in rows]


def first_of(c: Connection, gateway_name: str) -> str | None:
    """Return the name of the gateway's first line by name, or None when it carries none."""
    return c.scalar(sa.select(line.c.name).where(line.c.gateway == gateway_name).order_by(line.c.name))


def names_of_gateway(c: Connection, gateway_name: str) -> list[str]:
    """Return the names of the lines that a gateway carries."""
    return list(c.scalars(sa.select(line.c.name).where(line.c.gateway == gateway_name).order_by(line.c.name)))


def stop(c: Connection, line_id: int, why: str, *, now: datetime) -> None:
    """Open the breaker: nothing more is claimed on this line until somebody resumes it (decisions 19)."""
    why = reasons.bounded(why, STOPPED_WHY_CHARS)
    statement = sa.update(line).where(line.c.id == line_id, line.c.stopped_at.is_(None))
    if c.execute(statement.values(stopped_at=now, stopped_why=why)).rowcount:
        audit.write(c, "line.stop", actor="dispatch", now=now, subject=str(line_id), detail={"why": why})


def change(c: Connection, found: Line, wanted: Change) -> None:
    """Give a line another price, cost, rule of refunds or hours; an advertising line keeps some hours."""
    if wanted.hours == () and found.kind == "ad":
        raise Refused("hours", "an advertising line needs hours", "خط تبلیغاتی بی ساعت مجاز نمی‌شود")
    c.execute(sa.update(line).where(line.c.id == found.id).values(wanted.given()))


def resume(c: Connection, line_id: int, *, actor: str, now: datetime) -> None:
    """Close the breaker after the cause was mended."""
    c.execute(sa.update(line).where(line.c.id == line_id).values(stopped_at=None, stopped_why=None))
    audit.write(c, "line.resume", actor=actor, now=now, subject=str(line_id))


def _of(row: sa.Row[tuple[object, ...]]) -> Line:
    tariff = Tariff(
        price_rials=row.price_rials, latin_price_rials=row.latin_price_rials, cost_rials=row.cost_rials,
        ucs2_part_units=row.ucs2_part_units, refund_policy=row.refund_policy,
    )  # fmt: skip
    window = (row.window_from, row.window_to) if row.window_from else None
    can = frozenset(what for what, column in CAPABILITIES.items() if getattr(row, column))
    return Line(
        row.id, row.name, row.gateway, row.account_id, row.kind, tariff, window, can, row.stopped_why
    )


def _check(c: Connection, new: NewLine) -> None:
    if c.scalar(sa.select(line.c.id).where(line.c.name == new.name)):
        raise Refused("name", "this line exists; choose another name", "این خط هست؛ نام دیگری برگزینید")
    if not c.scalar(sa.select(gateway.c.name).where(gateway.c.name == new.gateway)):
        raise Refused(
            "gateway",
            f"there is no gateway {new.gateway!r}; set it with: chapar gateway set {new.gateway} FILE",
            f"درگاهی با نام «{new.gateway}» نیست؛ آن را با chapar gateway set بسازید",
        )  # fmt: skip
