"""The demo's home: its account with credit, its line, its misbehaving gateway, the place it writes to.

All of it is made the way people make it: rows that pages and commands would write (decisions 4, 31, 32).
"""

from __future__ import annotations

import secrets
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from data import clock
from data.errors import Refused
from data.records import accounts, campaigns, ledger, lines, processes
from data.rules import schedule
from data.settings import settings
from data.store import operations
from data.store.operations import Connection
from data.store.population import Population, current, open_population
from data.use_cases.floor import Who, new_key
from flows.steps import populating
from flows.steps.planning import civil_today
from targeting import audience as audiences
from targeting.map import biggest_city
from targeting.orders import choosing, placing
from targeting.places import places_of
from targeting.uploads import store_upload

ACCOUNT, GATEWAY = "demo", "simulator"
LINE, SERVICE_LINE = "5000", "3000"  # adverts to rented people, notices to customers
CREDIT_RIALS, PRICE_RIALS, COST_RIALS = 10_000_000_000, 90, 72
MARK = ".demo"
OURS = {MARK, "prefect"}  # what a demo that was broken off in its first second may have left
ACTOR = "demo"
DEADLINE_SECONDS = 3.0
RADII_M = range(1_000, 30_001, 500)
AGE_FROM, AGE_TO = 25, 40
TITLE = "جشنوارهٔ پاییزهٔ چاپار"
TEXT = (
    "سلام! جشنوارهٔ پاییزهٔ چاپار نزدیک شماست: "
    "تا پایان هفته همهٔ خریدهای بالای ۵۰۰ هزار تومان ارسال رایگان دارند."
    "\nلغو۱۱"
)
NOTICE_TITLE = "آمادهٔ تحویل (پیش‌نویس)"
NOTICE = "{name} گرامی، سفارش {order} شما آمادهٔ تحویل است. فروشگاه چاپار"
CUSTOMERS = "mobile,name,order\r\n" + "".join(
    f"0912000{n:04},{name},{4000 + n}\r\n"
    for n, name in enumerate(("سارا", "رضا", "مینا", "بهرام", "لیلا", "آرش"), start=1)
)
MARGIN = timedelta(minutes=15)  # before the hours end: the demo takes a minute, and people look at it
BEHAVIOUR: dict[str, Any] = {  # shares of calls, of messages, of receipts: like a real gateway on a bad day
    "rates": {
        "429": 0.05, "503": 0.04, "500_after": 0.05, "reset_after": 0.04, "half_body": 0.03,
        "silence_after": 0.02, "reset_before": 0.02,
    },
    "refusals": {"blacklist": 0.004, "invalid_number": 0.001},
    "delay_ms": [200, 3_000],
    "duplicates": 0.05,
    "losses": 0.002,
    "stages": True,
    "disorder": True,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A circle round a named place and how many women of 25-40 live in it."""

    city: str
    name_fa: str
    name_en: str
    lon: float
    lat: float
    radius_m: int
    selected: int

    def audience(self, count: int) -> dict[str, Any]:
        """Return the audience as a campaign file has it (cli.md)."""
        return {
            "any": [{"kind": "circle", "lon": self.lon, "lat": self.lat, "radius_m": self.radius_m}],
            "all": [{"kind": "gender_age", "gender": "female", "age_from": AGE_FROM, "age_to": AGE_TO}],
            "row": 1, "count": count,
        }  # fmt: skip


def claim_home() -> bool:
    """Take the home for the demo and return whether an earlier demo lives there.

    Raises Refused where anything else does; nothing was touched then.
    """
    root = settings().root
    held = {path.name for path in root.iterdir()} if root.is_dir() else set()
    if held - OURS and MARK not in held:
        raise _taken(root)
    if settings().database_url and MARK not in held and _has_accounts():
        raise _taken(root)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    (root / MARK).touch(mode=0o600)
    return (root / "operations.sqlite").exists() and MARK in held


def prepare(*, seed: int) -> int:
    """Make what is missing of account, credit, gateway and line; return the account's id."""
    fresh = False
    with operations.writing() as c:
        account = accounts.find(c, ACCOUNT)
        account_id = account.id if account else _open_account(c)
        lines.set_gateway(
            c, GATEWAY, adapter="simulator", values=_gateway(c, seed), actor=ACTOR, now=clock.now()
        )
        for name, kind in ((LINE, "ad"), (SERVICE_LINE, "service")):
            if not lines.find(c, account_id, name):
                new = lines.NewLine(name, GATEWAY, account_id, kind, PRICE_RIALS, COST_RIALS)
                lines.create_line(c, new, actor=ACTOR, now=clock.now())
                fresh = True
    if fresh:
        _draft_notice(account_id)
    return account_id


def hours_behind(now: datetime) -> int:
    """Return how many hours ago the hours of advertising were last open, with a margin before their end."""
    ads, zone = settings().ads, ZoneInfo(settings().timezone)
    for hours in range(24):
        then = (now - timedelta(hours=hours)).astimezone(zone)
        if all(schedule.window_open(at, ads.window_from, ads.window_to) for at in (then, then + MARGIN)):
            return hours
    return 0


def _draft_notice(account_id: int) -> None:
    """Leave what a service line is for: a notice to customers of one's own, a draft that may be started."""
    upload = store_upload(CUSTOMERS.encode("utf-8-sig"), account_id)
    file = {
        "title": NOTICE_TITLE, "line": SERVICE_LINE, "text": NOTICE, "kind": "file",
        "audience": {"any": [{"kind": "file", "upload": upload, "column": "mobile"}]},
    }  # fmt: skip
    placing.order(_demo(account_id), file, token=new_key(), scheduled=False)


def _demo(account_id: int) -> Who:
    """Who orders: the demo, for its own account."""
    return Who(account_id, "user", door="flow", name=ACTOR)


def wants_population(order: populating.Order) -> bool:
    """Say whether another population must be built; what is ordered is kept as this home's order."""
    same = populating.ordered() == order and current() is not None
    populating.place(order)
    return not same


def find_place(account_id: int, province: str, recipients: int) -> Place:
    """Count until the smallest circle round the biggest city is found that holds enough; else the largest."""
    with operations.reading() as c:
        scope = choosing.scope_of(c, _asking(account_id), today=civil_today())
    with open_population() as population:
        city = _biggest_city(population, province)

        def selected(radius_m: int) -> int:
            tree = audiences.parse_audience(Place(*city, radius_m, 0).audience(recipients))
            return audiences.count(tree, population, scope).selected

        enough = min(bisect_left(RADII_M, recipients, key=selected), len(RADII_M) - 1)
        return Place(*city, RADII_M[enough], selected(RADII_M[enough]))


def order_campaign(account_id: int, place: Place, recipients: int) -> int:
    """Order the campaign as the send page does; return its id. It is due at once."""
    file = {
        "title": TITLE, "line": LINE, "text": TEXT, "audience": place.audience(recipients), "kind": "area",
    }  # fmt: skip
    return placing.order(_demo(account_id), file, token=new_key(), scheduled=True)[0]


def _asking(account_id: int) -> campaigns.Draft:
    """An order that is never stored: it says for whom the places are counted."""
    tree = {"all": [{"kind": "gender_age", "gender": "female", "age_from": AGE_FROM, "age_to": AGE_TO}]}
    return campaigns.Draft(account_id, 0, TITLE, "area", TEXT, tree, True, token="", created_by=ACTOR)


def _open_account(c: Connection) -> int:
    new = accounts.NewAccount(ACCOUNT, "نمایش", "user", CREDIT_RIALS)
    return accounts.create_account(c, new, actor=ACTOR, now=clock.now())


def _gateway(c: Connection, seed: int) -> dict[str, Any]:
    secret = processes.fact(c, "demo_secret") or secrets.token_urlsafe(24)
    processes.set_fact(c, "demo_secret", secret)
    return {
        "adapter": "simulator", "class": "G2", "bulk": 200, "deadline_s": DEADLINE_SECONDS, "secret": secret,
        "behaviour": BEHAVIOUR | {"seed": seed},
    }  # fmt: skip


def _biggest_city(population: Population, province: str) -> tuple[str, str, str, float, float]:
    city = biggest_city(population, places_of(population).province(province))
    if city is None:
        raise Refused(
            "province", f"the population has no city in {province!r}; name another province",
            f"جمعیت شهری در «{province}» ندارد؛ استان دیگری بنویسید",
        )  # fmt: skip
    return city


def _has_accounts() -> bool:
    operations.migrate()
    with operations.reading() as c:
        return any(account.name != ACCOUNT for account in accounts.listing(c))


def _taken(root: Path) -> Refused:
    return Refused(
        "home", f"{root} holds something that no demo made; name an empty folder with --home DIR",
        f"در {root} چیزی هست که نمایش نساخته است؛ پوشه‌ای خالی با ‎--home‎ بدهید",
    )  # fmt: skip


def available(account_id: int) -> int:
    """Return the rials the demo's account can still spend."""
    with operations.reading() as c:
        return ledger.balances(c, account_id).available
