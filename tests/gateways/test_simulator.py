"""The simulator: its record is the judge, and every choice follows from the seed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import requests
from batches import FIRST, batch, gateway, sent

from data import clock
from gateways import children, webhooks
from gateways.gateway import Gateway, Outcome
from gateways.simulator import record
from gateways.simulator.behaviour import FAULTS, Behaviour

Start = Callable[..., children.Child]
NUMBERS = np.arange(FIRST, FIRST + 20_000, dtype=np.uint64)


def toward(child: children.Child, **given: Any) -> Gateway:
    return gateway(child.address, "simulator", **{"class": "G2", **given})


def send(to: Gateway, n: int = 5, ref: str = "r-1", seconds: float = 10) -> Outcome:
    return sent(to, batch(n, ref=ref), deadline_at=clock.monotonic() + seconds)


def test_what_it_accepted_is_in_its_record(simulated: Start, tmp_path: Path) -> None:
    outcome = send(toward(simulated()))
    assert outcome.kind == "ok"
    found = record.read(tmp_path)
    assert found.get_column("to").to_list() == list(range(FIRST, FIRST + 5))
    assert outcome.results is not None
    assert found.get_column("id").cast(pl.String).to_list() == outcome.results.get_column("gid").to_list()


def test_an_absent_record_has_no_rows(tmp_path: Path) -> None:
    assert record.read(tmp_path).columns == ["ref", "line", "at", "to", "id"]


def test_the_same_reference_gives_a_second_message_unless_it_is_told_otherwise(
    simulated: Start, tmp_path: Path
) -> None:
    for idempotent, copies in ((False, 2), (True, 1)):
        folder = tmp_path / str(idempotent)
        to = toward(simulated(folder, idempotent=idempotent))
        send(to)
        send(to)
        assert record.copies(folder).get_column("copies").unique().to_list() == [copies]


def test_it_takes_up_its_record_where_it_stopped(simulated: Start, tmp_path: Path) -> None:
    first = simulated(idempotent=True)
    before = send(toward(first))
    first.process.kill()
    first.process.wait()
    to = toward(simulated(idempotent=True))
    found = to.look_up(batch(ref="r-1"))
    again = send(to)
    assert before.results is not None
    assert found is not None
    for outcome in (found, again):
        assert outcome.results is not None
        assert outcome.results.get_column("gid").equals(before.results.get_column("gid"))
    assert record.copies(tmp_path).get_column("copies").unique().to_list() == [1]


@pytest.fixture(scope="module")
def changeable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[children.Child]:
    """One simulator for all faults; its behaviour is changed from test to test."""
    child = children.start_simulator({}, tmp_path_factory.mktemp("simulator"))
    yield child
    child.stop()


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_every_fault_gives_its_outcome_and_the_record_tells_the_truth(
    changeable: children.Child, fault: str
) -> None:
    how = {"rates": {fault: 1.0}, "hang_seconds": 2.0, "slow_seconds": 0.01}
    assert requests.post(changeable.address + "/behaviour", json=how, timeout=10).status_code == 200
    outcome = send(toward(changeable), ref=f"r-{fault}", seconds=0.5)
    expected = {"429": "notsent", "402": "notsent", "shuffle": "ok", "slow": "ok"}.get(fault, "amb")
    assert outcome.kind == expected, outcome.why
    accepted = record.read(Path(changeable.told["record"])).filter(pl.col("ref") == f"r-{fault}")
    assert accepted.height == (5 if FAULTS[fault] else 0)


def test_more_than_bulk_is_refused_and_a_wrong_token_stops_the_line(simulated: Start) -> None:
    child = simulated(bulk=3, token="good")
    assert send(toward(child, token="good"), n=3).kind == "ok"
    assert send(toward(child, token="good"), n=4).kind == "rej"
    assert send(toward(child, token="bad"), n=3).stops_line


def test_look_up_and_balance(simulated: Start) -> None:
    to = toward(simulated(balance_rials=77, refusals={"blacklist": 0.5}), **{"class": "G1"})
    sent = send(to, n=50)
    found, absent = to.look_up(batch(50, ref="r-1")), to.look_up(batch(ref="r-2"))
    assert sent.results is not None
    assert found is not None
    assert found.results is not None
    assert found.results.equals(sent.results)
    assert set(sent.results.get_column("state")) == {"submitted", "blacklisted"}
    assert absent is not None
    assert absent.code == "not_found"
    assert to.credit() == 77


def test_choices_follow_from_the_seed_alone() -> None:
    one, same, other = Behaviour(seed=5), Behaviour(seed=5), Behaviour(seed=6)
    assert (one.words(NUMBERS) == same.words(NUMBERS)[::1]).all()
    assert (one.words(NUMBERS[::-1]) == one.words(NUMBERS)[::-1]).all()  # not from their order
    assert (one.words(NUMBERS) != other.words(NUMBERS)).any()
    rates = {"429": 0.2, "drip": 0.3}
    faults = [Behaviour(seed=5, rates=rates).fault(f"r{i}", 1) for i in range(2_000)]
    assert faults == [Behaviour(seed=5, rates=rates).fault(f"r{i}", 1) for i in range(2_000)]
    assert 0.17 < faults.count("429") / 2_000 < 0.23
    assert 0.27 < faults.count("drip") / 2_000 < 0.33


def test_shares_are_kept() -> None:
    how = Behaviour(refusals={"blacklist": 0.1, "bad_text": 0.05})
    words = pl.Series(how.words(NUMBERS)).value_counts(normalize=True)
    assert dict(words.iter_rows())["DELIVERED"] == pytest.approx(0.92, abs=0.01)
    assert (how.refused(NUMBERS) == 0).mean() == pytest.approx(0.1, abs=0.01)
    assert (how.refused(NUMBERS) == 1).mean() == pytest.approx(0.05, abs=0.01)
    low, high = how.delay_ms
    delays = how.delays(NUMBERS)
    assert delays.min() >= low / 1000
    assert delays.max() <= high / 1000


@pytest.mark.parametrize(
    "given", [{"rates": {"earthquake": 0.1}}, {"rates": {"429": 0.6, "drip": 0.6}}, {"x": 1}]
)
def test_a_behaviour_that_does_not_exist_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Behaviour.model_validate(given)


class Webhook:
    """A web server that keeps what is posted to it; its first answer is 503."""

    def __init__(self) -> None:
        self.bodies: list[tuple[str, str]] = []
        self.arrived = threading.Condition()
        self.refusals = 1
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                with outer.arrived:
                    status = 503 if outer.refusals else 200
                    if outer.refusals:
                        outer.refusals -= 1
                    else:
                        outer.bodies.append((self.path, body))
                        outer.arrived.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def receipts(self, n: int) -> pl.DataFrame:
        """Wait for n receipts."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: self._frame().height >= n, timeout=20)
            return self._frame()

    def _frame(self) -> pl.DataFrame:
        return webhooks.receipts(
            pl.Series([b for path, b in self.bodies if path == "/gw/sim/x/dlr"], dtype=pl.String)
        ).frame


def test_receipts_arrive_after_a_503_with_duplicates_losses_and_replies(simulated: Start) -> None:
    hook = Webhook()
    address = f"http://127.0.0.1:{hook.server.server_address[1]}/gw/sim/x"
    how = {"webhook": address, "delay_ms": [1, 50], "duplicates": 0.2, "losses": 0.1, "replies": 0.3}
    send(toward(simulated(**how)), n=200, ref="a-1-xxxxx")
    numbers, expected = NUMBERS[:200], Behaviour.model_validate(how)
    kept = int((~expected.lost(numbers)).sum())
    copies = int(expected.copied(numbers).sum())
    frame = hook.receipts(kept + copies)
    assert frame.height == kept + copies
    assert frame.get_column("ref").unique().to_list() == ["a-1-xxxxx"]
    words = dict(zip(numbers.tolist(), expected.words(numbers).tolist(), strict=True))
    assert dict(frame.select("to", "status").iter_rows()).items() <= words.items()
    with hook.arrived:
        assert hook.arrived.wait_for(
            lambda: any(path == "/gw/sim/x/mo" for path, _ in hook.bodies), timeout=20
        )
    hook.server.shutdown()
    hook.server.server_close()
