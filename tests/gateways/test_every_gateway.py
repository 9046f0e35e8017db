"""What every adapter owes, whichever gateway it speaks to: one table, one line per adapter."""

from __future__ import annotations

import re
from typing import ClassVar

import polars as pl
import pytest
from batches import batch, gateway, sent
from misbehaving import raw, reset, says, serving, silence
from pydantic import SecretStr

from data import clock
from data.errors import Retryable
from gateways.adapter import ORDER
from gateways.config import make, parse_settings
from gateways.contract import CODES
from gateways.gateway import INBOUND, RECEIPTS, REJECTED, Gateway
from gateways.identity import fingerprint
from gateways.settings import GatewaySettings
from gateways.sms import GATEWAYS
from gateways.sms.kavenegar import RETURNS

ADAPTERS = sorted(GATEWAYS)


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_it_has_the_capabilities_of_its_settings_up_to_its_limits(adapter: str) -> None:
    limits = GATEWAYS[adapter].limits
    for gateway_class in (one for one in ORDER if limits.can_be(one)):
        given = {"token": "k", "class": gateway_class, "bulk": 50, "deadline_s": 7}
        made = gateway("http://127.0.0.1:9", adapter, **given)
        assert made.name == "gw"
        assert (made.capabilities.gateway_class, made.capabilities.bulk) == (gateway_class, 50)
        assert made.capabilities.deadline_seconds == 7
        assert made.capabilities.lookup_seconds == limits.lookup_seconds
    most = gateway("http://127.0.0.1:9", adapter, token="k", bulk=5_000)
    assert most.capabilities.bulk == limits.bulk


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_it_is_whole(adapter: str) -> None:
    """Its own model of settings, each field with a sentence; what it asks for is within its limits."""
    whole = GATEWAYS[adapter]
    assert whole.name == adapter
    assert issubclass(whole.settings, GatewaySettings)
    assert whole.settings is not GatewaySettings
    silent = [name for name, field in whole.settings.model_fields.items() if not field.description]
    assert silent == []
    made = gateway("http://127.0.0.1:9", adapter, token="k")
    promised = {name for name in vars(Gateway) if not name.startswith("_")}
    assert [name for name in promised if not hasattr(made, name)] == []
    assert bool(made.asking.receipts_at_once) <= whole.limits.receipts_asked
    assert made.asking.inbound <= whole.limits.inbound_asked
    if not made.asking.receipts_at_once:
        assert made.ask_receipts(pl.Series(["1"])).kind == "notsent"
    if not made.asking.inbound:
        assert made.ask_inbound("3000").kind == "notsent"


@pytest.mark.parametrize(
    ("adapter", "table"), [("http", CODES), ("kavenegar", RETURNS), ("simulator", CODES)]
)
def test_each_code_has_words_in_both_languages(adapter: str, table: dict[str, object]) -> None:
    assert table
    for code in table:
        words = GATEWAYS[adapter].words_of(code)
        assert words is not None, code
        assert re.search("[آ-ی]", words[0]), code
        assert re.fullmatch("[ -~]+", words[1]), code
    assert GATEWAYS[adapter].words_of("no such code") is None
    assert len({GATEWAYS[adapter].words_of(code) for code in table}) == len(table)


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_its_secrets_are_masked_and_kept(adapter: str) -> None:
    given = {"adapter": adapter, "base": "http://x", "token": "t0ken", "secret": "s3cret"}
    found = parse_settings("gw", given)
    shown = [repr(found), str(found), found.model_dump_json(), repr(make("gw", found))]
    assert not [text for text in shown if "t0ken" in text or "s3cret" in text]
    kept = found.model_dump_secrets()
    secret = [name for name, field in type(found).model_fields.items() if field.annotation is SecretStr]
    assert {"token", "secret"} <= set(secret)
    assert (kept["token"], kept["secret"]) == ("t0ken", "s3cret")
    assert parse_settings("gw", kept) == found


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


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_credential_of_an_adapter_says_whose_account_it_is(name: str) -> None:
    model = GATEWAYS[name].settings
    secret = {field for field, about in model.model_fields.items() if about.annotation is SecretStr}
    assert secret - {"secret"} <= set(model.ACCOUNT) <= model.model_fields.keys()


def test_another_user_or_password_is_another_gateway() -> None:
    class WithUser(GatewaySettings):
        ACCOUNT: ClassVar[tuple[str, ...]] = ("token", "user", "password")
        user: str = ""
        password: SecretStr = SecretStr("")

    def mark(**given: str) -> str:
        return fingerprint(b"k", WithUser(adapter="x", **given))  # type: ignore[arg-type]

    marks = [mark(), mark(user="a"), mark(user="b"), mark(user="a", password="p"), mark(token="t")]
    assert len(set(marks)) == len(marks)
    assert mark(user="a", password="p") == mark(user="a", password="p")
