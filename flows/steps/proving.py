"""Testing gateways, by hand and by night: the calls are made here, between the two deeds of the use case."""

from __future__ import annotations

import logging
from contextlib import nullcontext

from data.errors import Retryable
from data.records.proofs import Result
from data.use_cases.floor import OPERATOR, Who
from flows.steps.company import Company
from gateways import trial
from gateways.use_cases import testing

_log = logging.getLogger("chapar.gateways")


def prove_now(who: Who, name: str, *, to: str | None = None) -> Result | None:
    """Test a gateway now and store what came of it; None for a gateway that claims nothing.

    A simulator that does not run is started for as long as it takes. Raises Refused without gateway or
    number, Retryable where another test has just begun.
    """
    needed = testing.needs(who, name, to)
    if needed is None:
        return None
    with Company() if needed.rests else nullcontext():
        result = _made(who, name, needed.number)
    if result is None:
        raise Retryable(
            "another test of this gateway has just begun", "آزمون دیگری از این درگاه آغاز شده است"
        )
    return result


def prove_due() -> int:
    """Test every gateway with a test number that was not tested for a while; return how many were."""
    ready = testing.due(OPERATOR)
    made = [_made(OPERATOR, name, number, is_due=True) for name, number in ready.items()]
    return sum(one is not None for one in made)


def _made(who: Who, name: str, number: int, *, is_due: bool = False) -> Result | None:
    begun = testing.begin(who, name, number, is_due=is_due)
    if begun is None:
        return None
    result = trial.prove(begun.gateway, begun.target)
    testing.end(who, begun.claim, result)
    if result.verdict != "proven":
        _log.warning("self-test of gateway %s: %s", name, result.why or result.heard)
    return result
