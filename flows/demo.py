"""The demo, in the order in which things happen: home, population, audience, dispatch, receipts, audit.

Prefect starts in the first second, beside everything that does not need it; the flows wait for it.
"""

from __future__ import annotations

import atexit
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from data import clock
from data.errors import Broken, Refused
from data.rules import reasons, status
from data.settings import settings
from data.store import operations
from data.store.population import current
from data.use_cases import reports
from data.use_cases.floor import OPERATOR
from flows import prefect_server, terminal
from flows.prefect_server import Server
from flows.steps import auditing, demo_home, telling
from flows.steps.company import Company
from flows.steps.demo_home import Place
from flows.steps.populating import Order
from targeting.population.iran import province_code

SEED_MAX = 2**31 - 1
KIB_A_MIB = 1024
NEXT = "next: make up   shows all of it in the dashboards (sign in as the admin it prints, act as demo)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person at the terminal asked for."""

    subscribers: int
    recipients: int
    seed: int
    province: str

    def check(self) -> None:
        """Refuse what cannot be built or sent, before anything is written."""
        least = settings().privacy.min_cell
        for field, value, low, high in (
            ("subscribers", self.subscribers, 1_000, 40_000_000),
            ("recipients", self.recipients, least, self.subscribers),
            ("seed", self.seed, 0, SEED_MAX),
        ):
            if not low <= value <= high:
                raise Refused(field, f"use {low:,} to {high:,}", f"عددی میان {low:,} و {high:,} بنویسید")
        if province_code(self.province) is None:
            raise Refused(
                "province", f"there is no province {self.province!r}; give its code or its name",
                f"استانی به نام «{self.province}» نیست؛ کد یا نام آن را بدهید",
            )  # fmt: skip


class Watch:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.began = clock.monotonic()
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase."""
        start = clock.monotonic()
        yield
        self.seconds[name] = round(clock.monotonic() - start, 2)

    def stop(self) -> dict[str, float]:
        """Return the seconds, with the total and what of it only waited for Prefect to start."""
        return self.seconds | {"total": round(clock.monotonic() - self.began, 2)}


def run(wanted: Wanted) -> dict[str, Any]:
    """Run the demo in this home; return its document (cli.md)."""
    wanted.check()
    _keep_hours()
    watch = Watch()
    earlier = demo_home.claim_home()
    server = prefect_server.start()
    atexit.register(server.stop)  # before Prefect's own: its last words need a server
    terminal.say(f"home: {settings().root}" + (" (an earlier demo: one more campaign)" if earlier else ""))
    with watch.phase("preparation"):
        operations.migrate()
        account_id = demo_home.prepare(seed=wanted.seed)
    with Company():
        return _play(wanted, account_id, server, watch)


def _keep_hours() -> None:
    """Adverts have their hours: outside them the demo's own processes stay behind by whole hours."""
    hours = demo_home.hours_behind(clock.now())
    if hours:
        os.environ[clock.BEHIND] = str(hours * 3600)
        terminal.say(f"outside the hours of advertising: the demo's own clock stands {hours} hours back")


def _play(wanted: Wanted, account_id: int, server: Server, watch: Watch) -> dict[str, Any]:
    """The flows, one after the other."""
    with watch.phase("prefect_imports"):
        from flows.audit import audit
        from flows.campaign import campaign
        from flows.dispatch import dispatch
        from flows.population import population
        from flows.receipts import receipts
    terminal.say("Prefect is starting …")
    with watch.phase("prefect_waited"):
        watch.seconds["prefect"] = round(server.ready(), 2)
    terminal.say(f"Prefect: {server.address} (user and password: {prefect_server.folder() / 'auth'})")
    with watch.phase("population"):
        order = Order(synthetic=wanted.subscribers, seed=wanted.seed, province=wanted.province)
        if demo_home.wants_population(order):
            population()
    with watch.phase("audience"):
        place = demo_home.find_place(account_id, wanted.province, wanted.recipients)
        _say_place(place, wanted.recipients)
        campaign_id = demo_home.order_campaign(account_id, place, wanted.recipients)
        [run_id] = campaign(campaign_id)
    _refuse_what_did_not_start(run_id)
    with watch.phase("dispatch"):
        dispatch(run_id)
    with watch.phase("receipts"):
        receipts(run_id)
    with watch.phase("audit"):
        audit()
    return _document(run_id, place, watch, prefect=server.address)


def _say_place(place: Place, wanted: int) -> None:
    terminal.say(
        f"women of {demo_home.AGE_FROM}-{demo_home.AGE_TO} within {place.radius_m:,} m of {place.name_en} "
        f"({place.name_fa}, {place.lat:.4f} N {place.lon:.4f} E): {place.selected:,}"
    )
    if place.selected < wanted:
        terminal.say(f"fewer than the {wanted:,} asked for live there: it sends to those {place.selected:,}")


def _refuse_what_did_not_start(run_id: int) -> None:
    planned = telling.run_of(run_id)
    if planned.state == "refused_funds":
        why = reasons.plain(planned.why)
        raise Refused("credit", why, "اعتبار حساب demo کافی نیست؛ خانهٔ دیگری با ‎--home‎ بدهید")
    if planned.state not in ("running", "closed"):
        raise Broken(
            f"run {run_id} is {planned.state}: {reasons.plain(planned.why)}",
            f"اجرای {run_id} در وضعیت «{status.RUN_LABELS[planned.state][0]}» است: "
            f"{reasons.say(planned.why or '', 'fa')}",
        )


def _document(run_id: int, place: Place, watch: Watch, *, prefect: str) -> dict[str, Any]:
    one = telling.run_of(run_id)
    report, books, snapshot = reports.run(OPERATOR, run_id), auditing.audit(), current()
    assert snapshot
    waterfall = one.waterfall or []
    matched = next((row["left"] for row in waterfall if row["step"] == "duplicate"), one.n)
    return {
        "population": {"snapshot": snapshot.name, "subscribers": snapshot.subscribers},
        "audience": {
            "matched": matched, "selected": one.n, "waterfall": waterfall,
            "place": {"city": place.name_en, "city_fa": place.name_fa, "lon": place.lon, "lat": place.lat,
                      "radius_m": place.radius_m},
        },
        "run": {
            "id": one.id, "campaign_id": one.campaign_id, "state": one.state, "recipients": one.n,
            "parts": one.parts, **report.money.to_json(),
        },
        "messages": report.states,
        "ledger": {
            "ok": books["ok"], "balanced": books["balanced"], "entries": books["entries"],
            "posted_rials": books["posted_rials"], "recomputed_rials": books["recomputed_rials"],
            "available_rials": demo_home.available(one.account_id),
        },
        "seconds": watch.stop(),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB_A_MIB,
        "home": str(settings().root),
        "prefect": {"address": prefect},
    }  # fmt: skip


def summary(document: dict[str, Any]) -> str:
    """Return the document as a table for a terminal; Persian stands last in its line, so columns stay."""
    from data.rules.status import LABELS

    run, seconds, ledger = document["run"], document["seconds"], document["ledger"]
    rows = [("audience", "", "")]
    rows += [_step(row) for row in document["audience"]["waterfall"]]
    rows += [("messages", "", "")]
    rows += [(LABELS[state][1], f"{n:,}", LABELS[state][0]) for state, n in
             sorted(document["messages"].items(), key=lambda item: -item[1])]  # fmt: skip
    rows += [
        ("money", "", ""),
        ("price of the run", f"{run['price_rials']:,} rials", "بهای اجرا"),
        ("charged", f"{run['charged_rials']:,} rials", "برداشت‌شده"),
        ("refunded", f"{run['refunded_rials']:,} rials", "بازگشته"),
        ("net", f"{run['net_rials']:,} rials", "خالص"),
        ("books balanced", "yes" if ledger["balanced"] and ledger["ok"] else "NO", "تراز دفتر"),
        ("seconds", "", ""),
    ]
    rows += [(name.replace("_", " "), f"{value:,.1f}", "") for name, value in seconds.items()]
    lines = [_line(*row) for row in rows]
    return "\n".join(["", *lines, "", NEXT])


def _step(row: dict[str, Any]) -> tuple[str, str, str]:
    """Who matched and who was selected; between them how many each step took away."""
    persian, english = telling.STEPS[row["step"]]
    at_an_end = row["step"] in ("matched", "selected")
    return english, f"{row['left']:,}" if at_an_end else f"-{row['removed']:,}", persian


def _line(name: str, figure: str, persian: str) -> str:
    if not figure:
        return f"\n{name}\n{'─' * 48}"
    return f"  {name:<26}{figure:>18}  {persian}".rstrip()
