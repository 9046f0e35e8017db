"""`chapar population build|show`: a new snapshot from raw tables or by synthesis; what is published."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from flows import terminal
from flows.commands import add, group, whole


def register(commands: Any) -> None:
    """Add the command."""
    sub = group(commands, "population", "the people that can be chosen from")
    build = add(sub, "build", _build, "raw tables or synthesis → checks → new snapshot → published")
    build.add_argument("--raw", type=Path, metavar="DIR", help="folder of raw tables (docs/population.md)")
    build.add_argument(
        "--region", default=None, help="country, two letters of ISO 3166 (default: the setting)"
    )
    build.add_argument(
        "--synthetic", type=whole, metavar="N", help="invent N people where no subscribers are given"
    )
    build.add_argument("--seed", type=whole, default=1, metavar="S", help="the same seed, the same people")
    build.add_argument("--province", metavar="NAME", help="put everybody in one province (synthetic Iran)")
    add(sub, "show", _show, "what is published, how old, quality flags")


def _build(given: argparse.Namespace) -> dict[str, Any]:
    from zoneinfo import ZoneInfo

    from data import clock
    from data.settings import settings
    from targeting.population.build import build_population
    from targeting.population.report import BuildRequest

    moment = clock.now()
    request = BuildRequest(
        today=moment.astimezone(ZoneInfo(settings().timezone)).date(),
        now=moment,
        region=(given.region or settings().region).upper(),
        raw=given.raw,
        synthetic=given.synthetic,
        seed=given.seed,
        province=given.province,
    )
    return build_population(request, progress=_Bars()).to_json()


def _show(given: argparse.Namespace) -> dict[str, Any]:  # noqa: ARG001
    from targeting.population.report import show

    return show().to_json()


class _Bars:
    """One progress bar for each step of a build."""

    def __init__(self) -> None:
        """Start with none."""
        self._bars: dict[str, terminal.Progress] = {}

    def __call__(self, label: str, done: int, total: int) -> None:
        """Show how far a step is."""
        self._bars.setdefault(label, terminal.Progress(f"population: {label}"))(done, total)
