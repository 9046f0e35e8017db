"""The least numbers of a tower send hold for its towers, in the check and in the plan."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from desk import Desk, open_desk
from planners import own

from data import clock as the_clock
from data.errors import Refused
from data.records import campaigns, lines
from data.settings import settings
from data.store import migrations, operations
from data.use_cases.floor import Who
from targeting.kinds import audience_of
from targeting.orders import placing
from targeting.population.build import build_population
from targeting.population.report import BuildRequest
from targeting.tree import canonical, parse_audience

CIRCLE = {"kind": "circle", "lon": 51.4, "lat": 35.7, "radius_m": 30_000}
TOWERS = {"kind": "towers_in", "shape": CIRCLE}
TEHRAN = {"kind": "region", "province": "23"}
(OURS,) = (Path(migrations.__file__).parent / "versions").glob("*_leaves_and_bounds.py")
BEFORE = f"{int(OURS.name[:4]) - 1:04d}"
TYPED = {"kind": "numbers", "numbers": ["09121234567"]}


def limits(monkeypatch: pytest.MonkeyPatch, recipients: int, product: int) -> None:
    for name, value in (("MIN_RECIPIENTS", recipients), ("MIN_PRODUCT", product), ("RADIUS_MAX_M", 50_000)):
        monkeypatch.setenv(f"CHAPAR_BTS__{name}", str(value))
    settings.cache_clear()


@pytest.fixture
def towers(home: Path, monkeypatch: pytest.MonkeyPatch, clock: Any) -> Desk:
    limits(monkeypatch, 1, 1)
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    build_population(BuildRequest(now.date(), now, synthetic=2_000, province="Tehran"))
    return open_desk(home, kind="ad")


def check(d: Desk, *nodes: dict[str, Any], **more: Any) -> placing.Checked:
    given = {"line": "3000", "text": "سلام", "audience": {"any": list(nodes)}} | more
    return placing.check(Who(d.account_id), given, token="t")


def test_twenty_typed_numbers_do_not_free_a_tower_send_and_do_not_count(
    towers: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = check(towers, TOWERS)
    brings, parts = alone.recipients, alone.parts
    assert brings > 60
    typed = own(20)["any"][0]
    for nodes in ([TOWERS], [TOWERS, typed], [typed, TOWERS], [TEHRAN, TOWERS]):
        limits(monkeypatch, brings, 1)
        assert check(towers, *nodes).draft.kind in ("bts", "region")
        for recipients, rule in ((brings + 1, "bts.min_recipients"), (1, "bts.min_product")):
            limits(monkeypatch, recipients, 1 if recipients > 1 else parts)
            for kind in ("area", "bts"):
                with pytest.raises(Refused) as refused:
                    check(towers, *nodes, kind=kind)
                assert refused.value.field == rule


def test_a_plan_keeps_the_least_numbers_too(towers: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    brings = check(towers, TOWERS).recipients
    tree = {"any": [TOWERS, own(20)["any"][0]]}
    towers.campaign(audience=tree)
    limits(monkeypatch, brings + 1, 1)
    run = towers.of(towers.run(audience=tree))
    assert (run.state, str(run.why).partition(":")[0]) == ("cancelled", "bts.min_recipients")
    limits(monkeypatch, brings, 1)
    assert towers.of(towers.run(audience=tree)).state == "running"


@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        ("bts", {"any": [TOWERS, TYPED], "none": [TEHRAN | {"operator": "irancell"}], "count": 9}),
        ("gender_age", {
            "any": [CIRCLE | {"operator": "mci"}, TYPED], "none": [TEHRAN | {"operator": "mci"}], "count": 9,
        }),
        ("area", {"any": [CIRCLE, TYPED], "none": [TEHRAN], "count": 9}),
    ],
)  # fmt: skip
def test_an_order_of_an_older_home_means_what_it_meant(
    home: Path, monkeypatch: pytest.MonkeyPatch, kind: str, meant: dict[str, Any]
) -> None:
    limits(monkeypatch, 1, 1)
    d = open_desk(home)
    older = {"any": [CIRCLE, TYPED], "none": [TEHRAN], "count": 9}
    with operations.reading() as c:
        line_id = lines.of_account(c, d.account_id)[0].id
    draft = campaigns.Draft(
        d.account_id, line_id, "t", kind, "x", older, advertising=True, token="t", created_by="t"
    )
    with operations.writing() as c:
        campaign_id = campaigns.create(c, draft, now=the_clock.now())
    _to(BEFORE, down=True)
    operations.forget_engines()
    operations.migrate()
    with operations.reading() as c:
        found = campaigns.get(c, campaign_id, account_id=None)
    assert (found.kind, found.audience) == (kind, meant)
    assert canonical(audience_of(older, kind)) == canonical(parse_audience(found.audience))


def _to(revision: str, *, down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with operations.writing() as c:
        config.attributes["engine"] = c.engine
    (command.downgrade if down else command.upgrade)(config, revision)
