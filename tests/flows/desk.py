"""A dispatch desk without a network: a gateway that follows a test's script, real stores, real steps."""

from __future__ import annotations

import json
import pickle
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from data import clock as the_clock
from data.facts import messages
from data.records import accounts, batches, campaigns, ledger, lines, processes, runs
from data.settings import settings
from data.store import operations, spool
from data.use_cases.floor import new_key
from flows.steps import auditing, dispatching, planning, receiving, recovering, refunding, starting
from flows.steps.toolbox import Toolbox
from gateways import webhooks
from gateways.contract_gateway import NOT_ASKED
from gateways.gateway import RESULTS, Answer, Asking, Capabilities, Outcome, Outgoing
from targeting.orders import checking

FIRST_NUMBER = 989_120_000_000
AMB = Outcome("amb", "the answer was lost", body_head="<html>")
STOP = Outcome("notsent", "HTTP 402: key or credit of the line", code="402", http_status=402, stops_line=True)
REJ = Outcome("rej", "HTTP 400: the gateway refuses this call", code="400", http_status=400)


def throttled(seconds: float) -> Outcome:
    """429 with Retry-After."""
    return Outcome(
        "notsent", "HTTP 429: too many requests", code="429", http_status=429, retry_after_seconds=seconds
    )


@dataclass
class Scripted:
    """A gateway in this process; `script` holds what the next calls do, after it everything is accepted.

    Steps: "ok", "lost" (accepted, then no answer), "dropped" (neither), or an Outcome to be given as it is.
    Of a dict {number: code} those numbers are refused and the rest accepted; with a key "lost" the answer
    is lost besides.
    """

    able: Capabilities
    name: str = "sim"
    script: list[Any] = field(default_factory=list)
    taken: list[tuple[str, int, str]] = field(default_factory=list)  # ref, number, id: what handsets get
    first: dict[str, pl.DataFrame] = field(
        default_factory=dict
    )  # ref → its first accepted results, with numbers
    calls: list[Outgoing] = field(default_factory=list)
    look_ups: int = 0
    blind: bool = False  # look-ups could not tell
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def capabilities(self) -> Capabilities:
        return self.able

    def submit(self, outgoing: Outgoing, *, deadline_at: float) -> Answer:
        return Answer("answered", "", 200, pickle.dumps(self._outcome(outgoing)))

    def judge(self, sent: Sequence[tuple[Outgoing, Answer]]) -> list[Outcome]:
        return [pickle.loads(answer.body) for _, answer in sent]

    def _outcome(self, outgoing: Outgoing) -> Outcome:
        with self.lock:
            self.calls.append(outgoing)
            step = self.script.pop(0) if self.script else "ok"
            if isinstance(step, Outcome):
                return step
            if step == "dropped":
                return AMB
            answer = self._accept(outgoing, step if isinstance(step, dict) else {})
            return AMB if "lost" in step else answer

    def _accept(self, outgoing: Outgoing, refused: dict[int, str]) -> Outcome:
        if self.able.gateway_class == "G2" and outgoing.ref in self.first:
            return self._told(self.first[outgoing.ref], outgoing)
        rows = []
        for pos, number in outgoing.messages.select("pos", "msisdn").iter_rows():
            if number in refused:
                rows.append((pos, False, None, refused[number], "blacklisted", number))
            else:
                gid = f"g{len(self.taken) + 1}"
                self.taken.append((outgoing.ref, number, gid))
                rows.append((pos, True, gid, None, "submitted", number))
        said = pl.DataFrame(rows, schema={**RESULTS, "msisdn": pl.UInt64}, orient="row")
        self.first.setdefault(outgoing.ref, said)
        return self._told(said, outgoing)

    def _told(self, said: pl.DataFrame, outgoing: Outgoing) -> Outcome:
        known = outgoing.messages.select("pos", "msisdn")
        if outgoing.left_out is not None:
            known = pl.concat([known, outgoing.left_out.select("pos", "msisdn")])
        if not set(outgoing.messages["msisdn"]) <= set(said["msisdn"]) <= set(known["msisdn"]):
            return replace(AMB, why="the answer does not name each message exactly once")
        kind = "ok" if said["ok"].any() else "rej"
        return Outcome(kind, "named", http_status=200, results=said.drop("msisdn"))  # type: ignore[arg-type]

    def look_up(self, outgoing: Outgoing) -> Outcome | None:
        if self.able.gateway_class == "G0":
            return None
        self.look_ups += 1
        if self.blind:
            return AMB
        if outgoing.ref not in self.first:
            return Outcome("rej", "the gateway does not know this reference", code="not_found")
        return self._told(self.first[outgoing.ref], outgoing)

    asking = Asking()
    ask_receipts = ask_inbound = staticmethod(lambda _asked: NOT_ASKED)
    receipt_fields = webhooks.DLR_FIELDS
    receipts_of = staticmethod(webhooks.receipts_of)
    parse_receipts = staticmethod(webhooks.receipts)
    parse_inbound = staticmethod(webhooks.inbound)

    def credit(self) -> int:
        return 1

    def copies(self) -> Counter[int]:
        """How many copies each number's handset gets."""
        return Counter(number for _, number, _ in self.taken)

    def gids(self) -> dict[int, str]:
        """The gateway's id of each number's first copy."""
        return {number: gid for _, number, gid in reversed(self.taken)}


@dataclass
class Desk:
    """One account, one line, one scripted gateway, and the steps."""

    gateway: Scripted
    account_id: int
    others: dict[str, Scripted] = field(default_factory=dict)

    @property
    def box(self) -> Toolbox:
        with operations.reading() as c:
            secret = processes.secret(c)
        return Toolbox({self.gateway.name: self.gateway, **self.others}, secret, settings())

    def campaign(
        self, recipients: int = 4, *, first: int = 0, text: str = "سلام", line: str = "3000", **more: Any
    ) -> int:
        """Store an order to consecutive numbers, due at once unless told otherwise."""
        scheduled = more.pop("scheduled", True)
        numbers = [f"0{FIRST_NUMBER + first + i - 980_000_000_000}" for i in range(recipients)]
        order = {
            "line": line,
            "text": text,
            "advertising": True,  # stricter than its line asks for: an opt-out stops it
            "audience": {"any": [{"kind": "numbers", "numbers": numbers}]},
        } | more
        with operations.writing() as c:
            token = more.pop("token", None) or new_key()
            who = checking.Orderer(self.account_id, "test", token)
            order.pop("token", None)
            draft = checking.draft_of(c, order, who, now=the_clock.now())
            return campaigns.create(c, draft, now=the_clock.now(), scheduled=scheduled)

    def run(self, recipients: int = 4, **more: Any) -> int:
        """Order, start and plan; return the run's id."""
        self.campaign(recipients, **more)
        started = starting.start_due()
        planning.plan_due(self.box)
        return started[-1]

    def tick(self) -> Any:
        return dispatching.tick(self.box)

    def recover(self) -> None:
        recovering.recover(self.box)

    def hear(self, *receipts: dict[str, Any] | str, gateway: str = "sim") -> receiving.Drained:
        """Bring webhook bodies through the spool: a dict is one receipt, a text a raw body."""
        self.arrive(*receipts, gateway=gateway)
        return receiving.drain(self.box)

    def arrive(self, *receipts: dict[str, Any] | str, gateway: str = "sim") -> None:
        """Put webhook bodies into the spool, sealed."""
        mouth = spool.Spool()
        bodies = [one if isinstance(one, str) else json.dumps(one) for one in receipts]
        waits = [mouth.append(gateway, "dlr", "application/json", body.encode()) for body in bodies]
        for wait in waits:
            wait.result(10)
        mouth.close()

    def receipt(self, number: int, status: str = "DELIVERED", **more: Any) -> dict[str, Any]:
        """A receipt as the gateway would post it for a number it took."""
        ref, gid = next((ref, gid) for ref, taken, gid in self.gateway.taken if taken == number)
        known = {"id": gid, "ref": ref, "to": str(number), "status": status, "at": "2026-11-22T10:00:00Z"}
        return {key: value for key, value in (known | more).items() if value is not None}

    def settle(self) -> int:
        return refunding.settle_due()

    def of(self, run_id: int) -> runs.Run:
        with operations.reading() as c:
            return runs.get(c, run_id)

    def batches(self, run_id: int) -> list[batches.Batch]:
        with operations.reading() as c:
            return batches.of_run(c, run_id)

    def batch(self, run_id: int) -> batches.Batch:
        (only,) = self.batches(run_id)
        return only

    def attempts(self, run_id: int) -> list[str | None]:
        with operations.reading() as c:
            return [a["outcome"] for b in batches.of_run(c, run_id) for a in batches.attempts_of(c, b.id)]

    def states(self, *run_ids: int) -> dict[str, int]:
        with operations.reading() as c:
            found = messages.sources(c, run_ids)
        return messages.by_state(found, now=the_clock.now())

    def state_of(self, run_id: int, number: int) -> str:
        with operations.reading() as c:
            found = messages.sources(c, [run_id])
        return str(messages.page(found, offset=0, limit=1, now=the_clock.now(), number=number)["state"][0])

    def money(self) -> ledger.Balances:
        with operations.reading() as c:
            return ledger.balances(c, self.account_id)

    def clean(self) -> None:
        """The product's own audit finds nothing."""
        found = auditing.audit()
        assert found["ok"], found["breaches"]


def open_desk(
    home: Path,
    gateway_class: str = "G2",
    *,
    credit: int = 1_000_000,
    kind: str = "service",
    bulk: int = 100,
    refund: str = "send_base",
    deadline: float = 2.0,
    quiet: float = 10.0,
    window: float = 3600.0,
    in_flight: int = 4,
    script: list[Any] | None = None,
) -> Desk:
    """Furnish a home: account `shop`, gateway `sim`, line 3000 at 90 rials a Persian part, cost 60."""
    able = Capabilities(
        gateway_class, bulk, 1 if gateway_class == "G0" else in_flight, deadline, quiet, window
    )  # type: ignore[arg-type]
    values = {
        "adapter": "simulator",
        "base": "http://127.0.0.1:9",
        "secret": "s3cret",
        "class": gateway_class,
    }
    now = the_clock.now()
    with operations.writing() as c:
        account_id = accounts.create_account(
            c, accounts.NewAccount("shop", credit_rials=credit), actor="test", now=now
        )
        lines.set_gateway(c, "sim", adapter="simulator", values=values, actor="test", now=now)
        lines.create_line(
            c,
            lines.NewLine("3000", "sim", account_id, kind, 90, 60, refund_policy=refund),
            actor="test",
            now=now,
        )
    return Desk(Scripted(able, script=list(script or [])), account_id)


def together(n: int, work: Callable[[int], Any]) -> list[Any]:
    """Do it n times at once; every failure is a failure of the test."""
    gate, done, failed = threading.Barrier(n), dict[int, Any](), list[BaseException]()

    def one(i: int) -> None:
        gate.wait()
        try:
            done[i] = work(i)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed, failed
    return [done[i] for i in sorted(done)]
