"""Population: build what this home ordered, publish it. A failed build publishes nothing."""

from __future__ import annotations

from prefect import flow, get_run_logger

from flows import artifacts, terminal, timetable
from flows.steps import populating
from flows.tasks import step
from targeting.population.write import Progress


@flow(name="population")
def population(*, anew: bool = True) -> str | None:
    """Build and publish; `anew` False leaves invented people as they are. Returns the snapshot's name."""
    timetable.begun("population")
    order = populating.ordered()
    if order is None or (order.raw is None and not anew):
        get_run_logger().info("nothing to build: no raw tables are ordered")
        return None
    return build_and_publish(order)  # type: ignore[no-any-return]


@step("build and publish the population")
def build_and_publish(order: populating.Order) -> str:
    """Build the ordered population; return the snapshot's name."""
    report = populating.build(order, progress=_bars())
    figures = {"snapshot": report.snapshot, "subscribers": report.subscribers, **report.rejected}
    artifacts.of_figures("population", figures, "جمعیت منتشرشده · published population")
    return report.snapshot


def _bars() -> Progress:
    bars: dict[str, terminal.Progress] = {}

    def draw(label: str, done: int, total: int) -> None:
        bars.setdefault(label, terminal.Progress(f"population: {label}"))(done, total)

    return draw
