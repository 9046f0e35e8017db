"""The population that this home keeps: what was ordered is a fact of the home, building it is one step."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from data import clock
from data.errors import Refused
from data.records import processes
from data.store import operations
from flows.steps.planning import civil_today
from targeting.population.report import BuildRequest, Report
from targeting.population.write import Progress

FACT = "population"


@dataclass(frozen=True, slots=True)
class Order:
    """What to build each time: raw tables of a folder, or so many invented people."""

    region: str = "IR"
    raw: str | None = None
    synthetic: int | None = None
    seed: int = 1
    province: str | None = None


def place(order: Order) -> None:
    """Keep an order for the next build."""
    with operations.writing() as c:
        processes.set_fact(c, FACT, asdict(order))


def ordered() -> Order | None:
    """Return what is to be built, or None."""
    with operations.reading() as c:
        found = processes.fact(c, FACT)
    return Order(**found) if found else None


def build(order: Order, *, progress: Progress | None = None) -> Report:
    """Build what was ordered and publish it; a failed build publishes nothing."""
    from targeting.population.build import build_population

    raw = Path(order.raw) if order.raw else None
    if raw and not raw.is_dir():
        raise Refused("raw", f"{raw} is not a folder; name the folder of raw tables", f"پوشهٔ {raw} نیست")
    request = BuildRequest(
        today=civil_today(), now=clock.now(), region=order.region, raw=raw, synthetic=order.synthetic,
        seed=order.seed, province=order.province,
    )  # fmt: skip
    return build_population(request, progress=progress)
