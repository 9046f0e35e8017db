"""What every adapter owes, whichever gateway it speaks to: one table, one line per adapter."""

from __future__ import annotations

import polars as pl
import pytest
from batches import batch, gateway, sent
from misbehaving import raw, reset, says, serving, silence

from data import clock
from data.errors import Retryable
from gateways.gateway import INBOUND, RECEIPTS, REJECTED
from gateways.sms import GATEWAYS

ADAPTERS = sorted(GATEWAYS)


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("gateway_class", ["G0", "G1", "G2"])
def test_it_has_the_capabilities_of_its_settings(adapter: str, gateway_class: str) -> None:
    given = {"token": "k", "class": gateway_class, "bulk": 50, "deadline_s": 7}
    made = gateway("http://127.0.0.1:9", adapter, **given)
    assert made.name == "gw"
    assert (made.capabilities.gateway_class, made.capabilities.bulk) == (gateway_class, 50)
    assert made.capabilities.deadline_seconds == 7


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (reset, "amb"),
        (silence, "amb"),
        (raw(b"HTTP/1.1 200 OK\r\nConte"), "amb"),
        (says("200 OK", b"<html>"), "amb"),
        (says("200 OK", b"{}"), "amb"),
        (says("302 Found", b"", "Location: http://127.0.0.1:9/"), "amb"),
        (says("500 Oops", b"{}"), "amb"),
        (says("429 Slow", b"", "Retry-After: 9"), "notsent"),
        (says("401 Who", b"<html>"), "notsent"),
        (says("400 Bad", b"<html>"), "rej"),
    ],
    ids=["reset", "silence", "half headers", "HTML", "no results", "redirect", "500", "429", "401", "400"],
)
def test_it_never_guesses_and_never_repeats(adapter: str, script: object, kind: str) -> None:
    with serving(script) as server:  # type: ignore[arg-type]
        made = gateway(server.address, adapter, token="k", **{"class": "G1"})
        outcome = sent(made, batch(), deadline_at=clock.monotonic() + 0.5)
        assert outcome.kind == kind
        assert len(server.received) == 1


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_what_cannot_be_asked_now_is_retryable(adapter: str) -> None:
    with pytest.raises(Retryable):
        gateway("http://127.0.0.1:9", adapter, token="k").credit()


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_rubbish_on_its_webhooks_is_rejected_not_raised(adapter: str) -> None:
    made = gateway("http://127.0.0.1:9", adapter, token="k")
    rubbish = pl.Series(["", "x", "[]", "{}", "null", "[[1]]", '{"status":', "a=b", "\x00"])
    for found, schema in ((made.parse_receipts(rubbish), RECEIPTS), (made.parse_inbound(rubbish), INBOUND)):
        assert found.frame.schema == schema
        assert found.frame.height == 0
        assert found.rejected.schema == REJECTED
