"""`chapar settings`: every setting, its value and where it came from, secrets masked."""

from __future__ import annotations

import argparse
import os
from typing import Any

from flows.commands import add

MASKED = {"gateways", "database_url"}


def register(commands: Any) -> None:
    """Add the command."""
    add(commands, "settings", _run, "every setting, its value and where it came from")


def _run(given: argparse.Namespace) -> dict[str, Any]:  # noqa: ARG001
    from data.settings import Settings, settings, unknown_variables

    strange = [{"code": "unknown_variable", "en": en, "fa": fa} for _, en, fa in unknown_variables()]
    return {"settings": list(_rows(Settings, settings(), "")), "notices": strange}


def _rows(model: Any, values: Any, above: str) -> Any:
    from pydantic import BaseModel

    for name, field in model.model_fields.items():
        value, dotted = getattr(values, name), f"{above}{name}"
        if isinstance(value, BaseModel):
            yield from _rows(type(value), value, f"{dotted}.")
            continue
        variable = "CHAPAR_" + dotted.upper().replace(".", "__")
        shown = "•••" if name in MASKED and value else value
        came = variable if variable in os.environ else "default"
        yield {"setting": dotted, "value": str(shown) if shown is not None else None, "from": came,
               "variable": variable, "meaning": field.description}  # fmt: skip
