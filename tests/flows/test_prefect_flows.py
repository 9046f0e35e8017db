"""The flows as plain functions on a home with a simulator; no Prefect server (ecosystem.md 2: `flow.fn`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import prefect_room
import pytest

from data.errors import Broken
from data.records import runs
from data.store import operations
from flows.steps import populating, shifts

SEEN = 40
T = TypeVar("T")


@pytest.fixture
def flows() -> Any:
    """The flow modules, imported late: Prefect takes seconds."""
    from flows import audit, campaign, dispatch, housekeeping, population, receipts

    modules = (audit, campaign, dispatch, housekeeping, population, receipts)
    return SimpleNamespace(modules=modules, **{m.__name__.rpartition(".")[2]: m for m in modules})


@pytest.fixture
def shelf(flows: Any, monkeypatch: pytest.MonkeyPatch) -> prefect_room.Shelf:
    """Artifacts, kept here instead of on a server."""
    return prefect_room.without_server(monkeypatch, *flows.modules)


def test_a_campaign_is_planned_sent_and_its_receipts_come_in(
    open_shop: Callable[..., Any], flows: Any, shelf: prefect_room.Shelf
) -> None:
    shop = open_shop(receipts=True, delay_ms=[1, 50])
    order = shop.campaign(SEEN)
    [run_id] = flows.campaign.campaign.fn(order)
    assert flows.dispatch.dispatch.fn(run_id) == SEEN
    assert flows.receipts.receipts.fn(run_id) == SEEN
    with operations.reading() as c:
        assert runs.get(c, run_id).state == "closed"
    assert set(shop.copies().values()) == {1}
    assert flows.audit.audit.fn()["ok"]
    kept = {f"run-{run_id}-{what}" for what in ("audience", "cost", "deliveries")}
    assert kept | {"audit"} == set(shelf.kept)


def test_artifacts_speak_persian_and_english(
    open_shop: Callable[..., Any], flows: Any, shelf: prefect_room.Shelf
) -> None:
    shop = open_shop()
    [run_id] = flows.campaign.campaign.fn(shop.campaign(3))
    waterfall, cost = shelf.kept[f"run-{run_id}-audience"], shelf.kept[f"run-{run_id}-cost"]
    assert waterfall[0] == {"گام": "یافته‌شده", "step": "matched", "removed": 0, "left": 3}
    assert [row["left"] for row in waterfall][-1] == 3
    assert sum(row["rials"] for row in cost[:-1]) == cost[-1]["rials"]
    assert "فارسی" in cost[0]["language"]


def test_a_campaign_that_was_started_gets_no_second_run(
    open_shop: Callable[..., Any], flows: Any, shelf: prefect_room.Shelf
) -> None:
    order = open_shop().campaign(3)
    first = flows.campaign.campaign.fn(order)
    assert flows.campaign.campaign.fn(order) == first
    with operations.reading() as c:
        assert len(runs.of_campaign(c, order)) == 1


def test_a_population_is_built_as_the_home_ordered(home: Any, flows: Any, shelf: prefect_room.Shelf) -> None:
    from prefect.logging import disable_run_logger

    from data.store.population import current

    populating.place(populating.Order(synthetic=2_000, seed=5, province="Tehran"))
    with disable_run_logger():
        name = flows.population.population.fn(anew=True)
        assert flows.population.population.fn(anew=False) is None  # invented people stay as they are
    found = current()
    assert found is not None
    assert (found.name, found.subscribers) == (name, 2_000)
    assert shelf.kept["population"]


def test_a_breach_of_the_books_fails_the_audit_flow(
    home: Any, flows: Any, shelf: prefect_room.Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = dict.fromkeys(("ok", "balanced", "accounts", "entries", "posted_rials"), 0)
    breached = figures | {"breaches": [{}]}
    monkeypatch.setattr(flows.audit.auditing, "audit", lambda: breached)
    with pytest.raises(Broken):
        flows.audit.audit.fn()


def test_tasks_are_tried_once_and_keep_nothing(flows: Any) -> None:
    from prefect import Task
    from prefect.cache_policies import NO_CACHE

    tasks = [value for module in flows.modules for value in vars(module).values() if isinstance(value, Task)]
    assert len(tasks) >= 6
    for task in tasks:
        assert (task.retries, task.persist_result, task.cache_policy) == (0, False, NO_CACHE), task.name


def test_parameters_of_flows_are_ids_only(flows: Any) -> None:
    from prefect import Flow

    found = {
        name: kind["type"]
        for module in flows.modules
        for value in vars(module).values()
        if isinstance(value, Flow)
        for name, kind in value.parameters.properties.items()
        if "type" in kind
    }
    assert set(found.values()) <= {"integer", "boolean"}


def apart(work: Callable[[], T]) -> T:
    """Do it in a thread of its own: a browser of this worker may keep its event loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_every_job_of_the_timetable_is_served_and_nothing_else(flows: Any) -> None:
    from flows import deploy, timetable

    served = apart(deploy.deployments)
    assert [one.flow_name for one in served] == [job.name for job in timetable.JOBS]
    zones = {schedule.schedule.timezone for one in served for schedule in one.schedules or []}
    assert zones == {"Asia/Tehran"}


def test_prefect_and_we_reckon_the_timetable_alike(flows: Any) -> None:
    """Also that Prefect can reckon it at all: with an older clock of its own no line in a zone ever came."""
    from prefect.server.schemas.schedules import CronSchedule

    from data.rules import cron
    from flows import timetable

    moment = datetime(2026, 3, 19, 22, 40, 1, tzinfo=UTC)
    for job in timetable.chore_jobs():
        schedule = CronSchedule(cron=job.cron, timezone="Asia/Tehran")
        theirs = apart(lambda: asyncio.run(schedule.get_dates(40, moment)))  # noqa: B023 - ended before the next
        ours = [moment]
        for _ in theirs:
            ours.append(cron.next_after(job.cron, ours[-1], "Asia/Tehran"))
        assert ours[1:] == theirs, job.name


def test_a_shift_of_prefect_works_at_the_step_of_the_timetable(
    flows: Any, shelf: prefect_room.Shelf, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import deploy, timetable

    operations.migrate()
    monkeypatch.setattr(shifts.Shift, "over", lambda turn: True)
    worked = []
    marked = [
        replace(job, step=lambda box, *, stopping, name=job.name: worked.append(name) or [])
        for job in timetable.shift_jobs()
    ]
    monkeypatch.setattr(timetable, "JOBS", tuple(marked))
    for job in marked:
        flow = deploy.flow_of(job)
        monkeypatch.setattr(f"flows.{job.name}.get_run_logger", lambda: SimpleNamespace(info=print))
        flow.fn()
    assert worked == [job.name for job in marked] != []
