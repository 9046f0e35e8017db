"""From a JSON object to a frozen criterion: unknown fields, missing fields and wrong types are refused
by name.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Iterable
from typing import Any, TypeVar

from data.errors import Refused
from data.settings import settings

C = TypeVar("C")
TEXT_MAX_CHARS = 200  # of one value: a name, a code, a number
WHOLE_MAX = 2**31 - 1  # what every store and library behind us can count
_EXAMPLE = "500"  # of a real number: metres
_EXAMPLES = {"lon": "51.4", "lat": "35.7"}
_known: dict[type[Any], dict[str, tuple[Any, bool]]] = {}  # as many as there are criteria


def build(cls: type[C], values: dict[str, Any]) -> C:
    """Return `cls` made of `values` (without `kind`); raise Refused naming the field and what is allowed."""
    known = _fields(cls)
    refuse_unknown(values, known)
    for name, (_, required) in known.items():
        if required and values.get(name) is None:
            raise Refused(name, "this field is required", "این فیلد لازم است")
    given = {name: _read(name, known[name][0], value) for name, value in values.items() if value is not None}
    return cls(**given)


def refuse_unknown(values: Iterable[str], known: Iterable[str]) -> None:
    """Raise Refused for the first name that is not known, listing those that are."""
    allowed = list(known)
    for name in values:
        if name not in allowed:
            raise Refused(
                str(name)[:TEXT_MAX_CHARS],
                f"there is no such field here; the fields are {', '.join(allowed)}",
                f"چنین فیلدی اینجا نیست؛ فیلدها: {'، '.join(allowed)}",
            )


def whole(name: str, value: Any, *, least: int = 1) -> int:
    """Return a whole number ≥ `least`, or refuse."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise Refused(name, f"use a whole number, {least} or more", f"عدد صحیح {least} یا بیشتر بنویسید")
    if value > WHOLE_MAX:
        raise Refused(
            name, f"use a whole number, {WHOLE_MAX:,} at most", f"عدد صحیحی تا {WHOLE_MAX:,} بنویسید"
        )
    return value


def is_real(value: Any) -> bool:
    """Say whether a value is a number that a float can hold; a whole number of JSON has no limit."""
    try:
        return not isinstance(value, bool) and isinstance(value, (int, float)) and math.isfinite(value)
    except OverflowError:
        return False


def _fields(cls: type[Any]) -> dict[str, tuple[Any, bool]]:
    """Return name → (type, required) of a criterion's fields, in their order; worked out once a class."""
    if cls not in _known:
        hints = typing.get_type_hints(cls)
        _known[cls] = {one.name: (hints[one.name], _required(one)) for one in dataclasses.fields(cls)}
    return _known[cls]


def _required(one: dataclasses.Field[Any]) -> bool:
    return one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING


def _read(name: str, hint: Any, value: Any) -> Any:
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    if hint is float:
        return _real(name, value)
    if hint is int:
        return whole(name, value, least=0)
    if hint is str:
        return _text(name, value)
    if typing.get_origin(hint) is tuple:
        return _texts(name, value)
    if not isinstance(value, dict):
        raise Refused(name, "use an object { … }", "یک شیء { … } بنویسید")
    return value


def _real(name: str, value: Any) -> float:
    if not is_real(value):
        example = _EXAMPLES.get(name, _EXAMPLE)
        raise Refused(name, f"use a number, for example {example}", f"یک عدد بنویسید، مانند `{example}`")
    return float(value)


def _text(name: str, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # 912 in YAML is meant as the text it looks like
    if not isinstance(value, str) or not value.strip():
        raise Refused(name, "use a text that is not empty", "متنی بنویسید که خالی نباشد")
    if len(value) > TEXT_MAX_CHARS:
        raise Refused(
            name, f"use at most {TEXT_MAX_CHARS} characters", f"حداکثر {TEXT_MAX_CHARS} نویسه بنویسید"
        )
    return value.strip()


def _texts(name: str, value: Any) -> tuple[str, ...]:
    most = settings().audience.values_max
    if not isinstance(value, list) or not value:
        raise Refused(name, "use a list with at least one value", "فهرستی با دست‌کم یک مقدار بنویسید")
    if len(value) > most:
        raise Refused(name, f"use at most {most} values", f"حداکثر {most} مقدار بنویسید")
    return tuple(_text(f"{name}.{place}", one) for place, one in enumerate(value))
