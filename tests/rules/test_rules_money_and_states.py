"""Prices, and the table of states that everything else reads."""

from __future__ import annotations

import itertools
import json

import polars as pl
import pytest

from data.rules import status
from data.rules.pricing import Tariff, cost, latin_price, price
from data.rules.pricing_columns import cost_expr, price_expr
from data.rules.sms import count_parts

TARIFF = Tariff(price_rials=1_330, latin_price_rials=3_325, cost_rials=900, ucs2_part_units=66)


def test_a_message_costs_its_parts_by_language() -> None:
    assert price(3, True, TARIFF) == 3_990
    assert price(1, False, TARIFF) == 3_325
    assert cost(3, TARIFF) == 2_700


def test_columns_charge_what_the_scalar_charges() -> None:
    frame = pl.DataFrame({"parts": pl.Series([1, 3, 65_535], dtype=pl.UInt16), "ucs2": [False, True, True]})
    found = frame.with_columns(price_expr(TARIFF), cost_expr(TARIFF))
    assert found.schema["price_rials"] == pl.Int64
    assert found["price_rials"].to_list() == [price(parts, ucs2, TARIFF) for parts, ucs2 in frame.iter_rows()]
    assert found["cost_rials"].to_list() == [cost(parts, TARIFF) for parts in frame["parts"]]


def test_a_line_of_66_units_counts_by_its_own_tariff() -> None:
    assert count_parts("ش" * 134, TARIFF.sizes).parts == 3


def test_a_tariff_survives_being_frozen_in_a_run() -> None:
    assert Tariff.from_json(json.loads(json.dumps(TARIFF.to_json()))) == TARIFF


def test_the_latin_price_follows_the_factor() -> None:
    assert latin_price(1_330, 2.5) == 3_325
    assert latin_price(91, 2.5) == 228


@pytest.mark.parametrize(
    "wrong",
    [{"price_rials": -1}, {"price_rials": 1.5}, {"refund_policy": "never"}, {"ucs2_part_units": 0}],
)
def test_a_tariff_that_could_not_be_charged_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"rials|policy|units"):
        Tariff.from_json({**TARIFF.to_json(), **wrong})


def test_every_state_has_a_rank_and_words_in_two_languages() -> None:
    assert status.LABELS.keys() == status.RANK.keys() == set(status.ORDER)
    for words in (*status.LABELS.values(), *status.RUN_LABELS.values(), *status.CAMPAIGN_LABELS.values()):
        assert all(words)
    assert status.label("delivered", "en") == "Delivered"
    assert status.label("delivered") == "رسیده به گوشی"


def test_ranks_are_those_that_were_decided() -> None:
    told = {"queued": 1, "submitted": 2, "at_operator": 3, "rejected": 4, "blacklisted": 5, "expired": 6,
            "failed": 6, "not_at_operator": 7, "undelivered": 8, "delivered": 9}  # fmt: skip
    assert {state: status.RANK[state] for state in told} == told
    assert status.strongest(["failed", "expired"]) == status.strongest(["expired", "failed"]) == "expired"


def test_receipts_in_any_order_end_in_one_state() -> None:
    told = ["submitted", "at_operator", "expired", "delivered", "unknown"]
    assert {status.strongest(order) for order in itertools.permutations(told)} == {"delivered"}
    assert status.strongest([]) == "unknown"


def test_an_enum_of_the_order_folds_like_the_scalar() -> None:
    states = pl.Series(["submitted", "failed", "expired"], dtype=pl.Enum(list(status.ORDER)))
    assert pl.DataFrame({"state": states}).select(pl.col("state").max()).item() == "expired"


def test_a_long_message_is_delivered_when_all_its_parts_are() -> None:
    assert status.of_parts(["delivered", "delivered"], 2) == "delivered"
    assert status.of_parts(["delivered"], 2) == "at_operator"
    assert status.of_parts(["delivered", "submitted"], 2) == "submitted"
    assert status.of_parts(["delivered", "undelivered", "failed"], 3) == "failed"


def test_money_returns_by_the_lines_rule_and_never_for_what_arrived() -> None:
    assert status.REFUNDABLE["send_base"] == {"blacklisted", "not_at_operator"}
    assert status.REFUNDABLE["delivery_base"] == status.REFUNDABLE["send_base"] | {
        "undelivered", "failed", "expired", "rejected"
    }  # fmt: skip
    for states in status.REFUNDABLE.values():
        assert states <= status.FINAL
        assert not states & status.DELIVERED


def test_runs_and_campaigns_have_just_the_decided_states() -> None:
    runs = ["approved", "planning", "running", "paused", "closing"]
    assert list(status.RUN_STATES) == [*runs, "closed", "refused_funds", "missed", "cancelled"]
    assert set(status.RUN_STATES) > status.RUN_FINAL
    campaigns = ["draft", "in_review", "rejected", "scheduled", "active", "paused", "ended", "stopped"]
    assert list(status.CAMPAIGN_STATES) == campaigns
    assert set(status.BATCH_STATES) > status.BATCH_FINAL
