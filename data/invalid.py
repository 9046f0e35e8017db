"""What pydantic found wrong, in the words of this product: the one place that translates its sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from data.rules.persian import listed

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

Sentences = tuple[str, str]  # English, Persian
EXTRA = "extra_forbidden"
_LIMITS: dict[str, Sentences] = {
    "greater_than": ("use a number greater than {}", "عددی بزرگ‌تر از {} بنویسید"),
    "greater_than_equal": ("use a number of {} or more", "عددی برابر {} یا بیشتر بنویسید"),
    "less_than": ("use a number less than {}", "عددی کوچک‌تر از {} بنویسید"),
    "less_than_equal": ("use a number of {} or less", "عددی برابر {} یا کمتر بنویسید"),
}
_FAMILIES: dict[str, Sentences] = {  # beginning of pydantic's type of an error → what to write
    "int": ("use a whole number", "عدد صحیح بنویسید"),
    "float": ("use a number", "عدد بنویسید"),
    "finite": ("use a number that is finite", "عددی کراندار بنویسید"),
    "bool": ("use true or false", "true یا false بنویسید"),
    "string_type": ("use a string, in quotation marks", "یک رشته بنویسید، درون گیومه"),
    "string": (
        "use a text of the form that the documents show",
        "متنی به شکلی بنویسید که در راهنما آمده است",
    ),
    "dict": ("use an object { … }", "یک شیء { … } بنویسید"),
    "model": ("use an object { … }", "یک شیء { … } بنویسید"),
    "list": ("use a list [ … ]", "یک فهرست [ … ] بنویسید"),
    "tuple": ("use a list [ … ]", "یک فهرست [ … ] بنویسید"),
    "too_": (
        "use a list of the length that the documents show",
        "فهرستی به درازای گفته‌شده در راهنما بنویسید",
    ),
}


class Unacceptable(ValueError):
    """Raised inside a validator: says in both languages what is wrong and what to write."""

    def __init__(self, en: str, fa: str, *, at: tuple[str, ...] = ()) -> None:
        """Keep both sentences, and where inside the field; pydantic carries this error in its own."""
        super().__init__(en)
        self.fa, self.at = fa, at


def first_problem(
    error: ValidationError, *, see: str, mends: Mapping[str, Sentences] | None = None
) -> tuple[tuple[str, ...], str, str]:
    """Return where the first mistake stands, and what to write there in English and in Persian.

    `see` is the document that lists the fields; `mends` says for a field of some form (a pattern) which.
    """
    first = error.errors(include_url=False, include_input=False)[0]
    where = tuple(str(part) for part in first["loc"])
    field = where[-1] if where else ""
    if first["type"].startswith("string") and mends and field in mends:
        en, fa = mends[field]
    else:
        en, fa = _said(first["type"], first.get("ctx") or {})
    return where, f"{en}; see {see}", f"{fa}؛ راهنما: {see}"


def every_problem(
    error: ValidationError, fields: Sequence[str] = ()
) -> list[tuple[tuple[str, ...], str, str]]:
    """Return each mistake of a form: where it stands, and what to write there in English and in Persian.

    Names that are no field come first: what seems to lack is often written under one of them.
    """
    found = error.errors(include_url=False, include_input=False)
    strange = [one for one in found if one["type"] == EXTRA]
    return [_problem(one, fields) for one in [*strange, *(one for one in found if one not in strange)]]


def _problem(one: ErrorDetails, fields: Sequence[str]) -> tuple[tuple[str, ...], str, str]:
    where = tuple(str(part) for part in one["loc"])
    if one["type"] == EXTRA and fields:
        return (
            where, f"there is no such field; the fields are {', '.join(fields)}",
            f"چنین فیلدی نیست؛ فیلدها: {'، '.join(fields)}",
        )  # fmt: skip
    about = one.get("ctx") or {}
    raised = about.get("error")
    inside = raised.at if isinstance(raised, Unacceptable) else ()
    return (*where, *inside), *_said(one["type"], about)


def _said(kind: str, about: Mapping[str, Any]) -> Sentences:
    if kind == EXTRA:
        return (
            "there is no such field; take it out or mend its name",
            "چنین فیلدی نیست؛ آن را بردارید یا نامش را درست کنید",
        )
    if kind == "missing":
        return "this field is required; write it", "این فیلد لازم است؛ آن را بنویسید"
    if kind in ("literal_error", "enum"):
        allowed = str(about.get("expected", "")).replace(" or ", ", ").replace("'", "")
        return f"use one of {allowed}", f"یکی از این‌ها را بنویسید: {listed(allowed.split(', '))}"
    if kind in _LIMITS:
        en, fa = _LIMITS[kind]
        limit = next(iter(about.values()), "")
        return en.format(limit), fa.format(limit)
    raised = about.get("error")
    if isinstance(raised, Unacceptable):
        return str(raised), raised.fa
    known = next((said for start, said in _FAMILIES.items() if kind.startswith(start)), None)
    return known or ("this value cannot be used; mend it", "این مقدار پذیرفته نیست؛ آن را درست کنید")
