"""Forms of webhooks are read in columns exactly as the standard library reads them one by one."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlencode

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways import forms

HARD = [
    "messageid=7&status=10", "from=0912&to=3000&message=%D8%B3%D9%84%D8%A7%D9%85+%2B%20x", "a=", "a=1&b",
    "a=1&=2", "a=%F4%90%80%80", "a=%C0%80", "a=%F0%90%8D%88%EF%BF%BF",
    "a=1&&b=2&", "a=1&a=2&b=3&a=", "a=b=c=&d", "a=%", "a=%4", "a=%zz%41", "a=%D8&b=%D8%B3", "a=\u0633%D9x%84",
    "a=%22%5C%0A%00%7B%7D", "a=%26&c%26d=%3D", "a=%ED%A0%80", "a=%f0%9f%98%80", "a=" + "%25" * 500,
]  # fmt: skip


def one_by_one(form: str) -> dict[str, str]:
    return dict(parse_qsl(form, keep_blank_values=True))


def in_columns(told: list[str]) -> list[dict[str, str]]:
    return [json.loads(one) for one in forms.forms_as_json(pl.Series(told, dtype=pl.String)).to_list()]


@pytest.mark.parametrize("form", HARD)
def test_a_form_is_read_as_the_library_reads_it(form: str) -> None:
    assert in_columns([form]) == [one_by_one(form)]


def test_many_forms_are_read_together_and_keep_their_places() -> None:
    bodies = [part for form in HARD for part in (form, '{"json":"a=1"}', "no form", " [1]")]
    told = forms.forms_as_json(pl.Series(bodies)).to_list()
    assert [json.loads(one) for one in told[::4]] == [one_by_one(form) for form in HARD]
    rest = [body for i, body in enumerate(told) if i % 4]
    assert rest == bodies[1:4] * len(HARD), "what is no form is left alone"


def test_no_value_is_decoded_on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> str:
        raise AssertionError("one by one")

    monkeypatch.setattr(forms, "unquote", never)
    told = [urlencode({"message": f"سلام {i} + ۱۱"}) for i in range(1_000)]
    assert in_columns(told) == [{"message": f"سلام {i} + ۱۱"} for i in range(1_000)]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.sampled_from('ab=&+%24dD8Bsس"\\\n é'), max_size=20), min_size=1, max_size=5))
def test_any_form_is_read_as_the_library_reads_it(tails: list[str]) -> None:
    told = [f"k={tail}" for tail in tails]
    assert in_columns(told) == [one_by_one(form) for form in told]
