"""How a step becomes a task: tried once, nothing kept or cached (protocol.md R4); never one a message."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE

P = ParamSpec("P")
R = TypeVar("R")


def step(name: str) -> Callable[[Callable[P, R]], Any]:
    """Decorate a function as a task with a plain name."""
    return partial(
        task, name=name, retries=0, persist_result=False, cache_policy=NO_CACHE, cache_result_in_memory=False
    )
