"""docs/gateways.md and its schema say what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from batches import batch
from jsonschema import Draft202012Validator

from gateways import contract, webhooks
from gateways.adapter import ORDER
from gateways.settings import Code
from gateways.simulator.behaviour import FAULTS, Behaviour
from gateways.sms import GATEWAYS
from gateways.sms.kavenegar import RETURNS

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCHEMA: dict[str, Any] = json.loads((DOCS / "gateway.schema.json").read_text("utf-8"))
FIELDS = sorted(
    {
        field.alias or name
        for adapter in GATEWAYS.values()
        for name, field in adapter.settings.model_fields.items()
    }
)
PAGE = (DOCS / "gateways.md").read_text("utf-8")


def valid(value: object, part: str | None = None) -> bool:
    schema = SCHEMA if part is None else {"$ref": f"#/$defs/{part}", "$defs": SCHEMA["$defs"]}
    return bool(Draft202012Validator(schema).is_valid(value))


def test_the_schema_is_one_and_knows_the_settings() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    fields = set(FIELDS)
    assert set(SCHEMA["$defs"]["settings"]["properties"]) == fields
    assert set(SCHEMA["$defs"]["settings"]["properties"]["adapter"]["enum"]) == set(GATEWAYS)
    codes = SCHEMA["$defs"]["settings"]["properties"]["codes"]["additionalProperties"]
    assert set(codes["properties"]) == set(Code.model_fields)


@pytest.mark.parametrize("adapter", sorted(GATEWAYS))
def test_the_schema_knows_what_each_adapter_has_and_can_be(adapter: str) -> None:
    whole = GATEWAYS[adapter]
    good = {"adapter": adapter, "base": "https://sms.example", "token": "k"}
    own = {field.alias or name for name, field in whole.settings.model_fields.items()}
    for foreign in set(FIELDS) - own:
        assert not valid(good | {foreign: {} if foreign == "behaviour" else 5}, "settings"), foreign
    for gateway_class in ORDER:
        assert valid(good | {"class": gateway_class}, "settings") is whole.limits.can_be(gateway_class)


def test_the_page_names_every_setting_fault_and_word() -> None:
    words = [*Behaviour.model_fields, *FAULTS, *webhooks.STATES, *contract.CODES, *GATEWAYS]
    words += FIELDS
    assert [word for word in words if not re.search(rf"[`\s{{\"]{re.escape(word)}[`\s,\"]", PAGE)] == []
    assert set(re.findall(r"\b4\d\d\b|\b501\b", PAGE.partition("## Kavenegar")[2].partition("##")[0])) <= set(
        RETURNS
    )


def test_the_examples_of_the_page_fit_the_schema() -> None:
    settings, send, answer = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
    assert valid(settings)
    assert valid(send, "send")
    assert valid(answer, "answer")


def test_what_we_send_fits_the_schema() -> None:
    assert valid(json.loads(contract.send_body(batch(3))), "send")


@pytest.mark.parametrize(
    ("part", "value", "good"),
    [
        ("dlr", {"id": "1", "to": "989121234567", "status": "DELIVERED", "at": "2026-11-22T10:00:00Z"}, True),
        ("dlr", [{"ref": "a", "to": "989121234567", "status": "X"}], True),
        ("dlr", {"to": "989121234567", "status": "X"}, False),
        ("mo", {"from": "989121234567", "to": "3000", "text": "11", "at": "2026-11-22T10:00:00Z"}, True),
        ("lookup", {"found": False}, True),
        ("lookup", {"found": True}, False),
        ("balance", {"balance_rials": 5}, True),
    ],
)
def test_bodies_of_the_contract(part: str, value: object, good: bool) -> None:
    assert valid(value, part) is good
