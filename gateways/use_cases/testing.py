"""A gateway's self-test as a deed: what it needs, its beginning, and what it showed.

The calls themselves are made between the two transactions (`gateways.trial`). The messages are the gateway's
to bill and no customer's: nothing is posted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from data.errors import Refused
from data.records import lines, processes, proofs
from data.records.proofs import Claim, Result
from data.rules import msisdn
from data.settings import settings
from data.use_cases.floor import Case, question, use_case
from gateways import config
from gateways.gateway import Gateway
from gateways.proofs import Standing, claim_of, standings
from gateways.settings import GatewaySettings
from gateways.trial import Target

EVERY = timedelta(hours=20)  # less than a day, so that a nightly sweep never finds last night's too young


@dataclass(frozen=True, slots=True)
class Needs:
    """What a test takes: the number it goes to, and whether its simulator must be started first."""

    number: int
    rests: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """A test that is this process's to make: what about, at which gateway as it is declared, to whom."""

    claim: Claim
    gateway: Gateway
    target: Target


@question("gateway.test_needs", right="home")
def needs(case: Case, name: str, to: str | None = None) -> Needs | None:
    """Return what a test of a gateway takes, None where it claims nothing. `to` is any writing of a mobile
    number; without it the gateway's own test number is used. Raises Refused without gateway or number.
    """
    given = _found(case, name)
    if standings(case.c, {name: given})[name].state == "nothing":
        return None
    number = given.test_msisdn() if to is None else _number(to)
    if number is None:
        raise Refused(
            "to", "give a mobile number of your own, or set the gateway's test_number",
            "شماره همراهی از خودتان بدهید یا test_number درگاه را بگذارید",
        )  # fmt: skip
    return Needs(number, _rests(case, name, given))


@question("gateway.test_due", right="home")
def due(case: Case) -> dict[str, int]:
    """Return the gateways that can be tested now, with their test numbers; `begin` says which are due."""
    found = config.load_settings(case.c)
    return {
        name: number
        for name, given in found.items()
        if given.gateway_class != "G0" and (number := given.test_msisdn()) and not _rests(case, name, given)
    }


@use_case("gateway.test_begin", right="home")
def begin(case: Case, name: str, number: int, *, is_due: bool = False) -> Begun | None:
    """Begin a test; None where another one has just begun or, with `is_due`, the last one is young."""
    case.silent = True  # what it showed is traced
    given, since = _found(case, name), case.now - EVERY if is_due else None
    claim = claim_of(case.c, name, given)
    if not proofs.begin(case.c, claim, now=case.now, unless_since=since):
        return None
    line = given.test_line or lines.first_of(case.c, name) or ""
    reached = config.reachable(case.c, {name: given})[name]
    target = Target(number, line, processes.secret(case.c))
    return Begun(claim, config.make(name, reached), target)  # as it is declared, whatever it is run as now


@use_case("gateway.test_end", right="home")
def end(case: Case, claim: Claim, result: Result) -> Standing:
    """Keep what a test showed; return what the gateway's class is worth now."""
    proofs.finish(case.c, claim, result, actor=case.who.name, now=case.now)
    case.silent = True  # the record writes the line of the trace itself
    return standings(case.c, {claim.gateway: _found(case, claim.gateway)})[claim.gateway]


def _found(case: Case, name: str) -> GatewaySettings:
    found = config.load_settings(case.c).get(name)
    if found is None:
        raise Refused(
            "name", f"there is no gateway {name!r}", f"درگاهی با نام «{name}» نیست", mend="gateway.unknown"
        )
    return found


def _rests(case: Case, name: str, given: GatewaySettings) -> bool:
    """Say whether it is a simulator that nobody has started."""
    return given.adapter == "simulator" and not config.reachable(case.c, {name: given})[name].base


def _number(text: str) -> int:
    try:
        return msisdn.parse(text, settings().region)
    except msisdn.NumberRefused as error:
        raise Refused("to", f"{error.en}; give a mobile number of your own", error.fa) from None
