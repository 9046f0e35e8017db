"""Every setting: type, default, meaning. Variables are CHAPAR_*; a nested one is CHAPAR_DISPATCH__GROUP.

The limits are those of spec.md part 5 with the manual's values as defaults; none is a constant in code.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from data.errors import Refused
from data.invalid import Unacceptable, first_problem

BESIDE_SETTINGS = (  # variables of tests, tools and measurements, which are no settings of the product
    "CHAPAR_TEST", "CHAPAR_FAILPOINTS", "CHAPAR_CLOCK", "CHAPAR_DEMO_BEHIND", "CHAPAR_SEED",
    "CHAPAR_REFERENCE_DATA",
    "CHAPAR_CHROMIUM", "CHAPAR_BROWSER", "CHAPAR_BENCH_HOME",
)  # fmt: skip


class Sms(BaseModel):
    """How a text is cut into parts."""

    max_parts: int = Field(20, ge=1, le=255, description="most parts one message may have")


class Quick(BaseModel):
    """The quick send."""

    max_numbers: int = Field(400, ge=1, description="most numbers typed by hand in one send")


class Bts(BaseModel):
    """The cell-tower send (R1.38, R1.39)."""

    min_recipients: int = Field(5_000, ge=0, description="fewest recipients of a tower send")
    min_product: int = Field(50_000, ge=0, description="recipients x parts must be more than this")
    product_strict: bool = Field(True, description="more than, not at least")
    radius_min_m: int = Field(100, ge=1, description="smallest radius of a tower send, metres")
    radius_max_m: int = Field(5_000, ge=1, description="largest radius of a tower send, metres")


class Postcode(BaseModel):
    """Postcode audiences."""

    digits: int = Field(5, ge=1, description="digits of a nationwide postcode audience (Iran)")


class Prefix(BaseModel):
    """Prefix audiences."""

    digits_min: int = Field(2, ge=1, description="fewest digits of a prefix")
    digits_max: int = Field(6, ge=1, description="most digits of a prefix")


class Billing(BaseModel):
    """Money."""

    latin_factor: float = Field(
        2.5, gt=0, description="price of a Latin part / a Persian part, where not given"
    )


class Schedule(BaseModel):
    """When a campaign may start."""

    max_days: int = Field(365, ge=1, description="how far ahead a send may be set, days")
    cancel_minutes: int = Field(5, ge=0, description="a send can be changed until so long before it starts")
    max_lateness_minutes: int = Field(
        120, ge=1, description="an occurrence later than this is missed, not sent"
    )


class Ads(BaseModel):
    """Advertising hours, Asia/Tehran."""

    window_from: str = Field("08:00", description="advertising starts no earlier")
    window_to: str = Field("21:00", description="and no later")


class Privacy(BaseModel):
    """Small counts of rented sets."""

    min_cell: int = Field(
        20, ge=1, description="a count below this is shown as fewer than this, and not sent"
    )


class Dispatch(BaseModel):
    """The dispatch loop (protocol.md 2)."""

    group: int = Field(64, ge=1, le=256, description="batches claimed, called and settled together")
    connect_seconds: float = Field(5.0, gt=0, description="time to open a connection")
    lease_factor: float = Field(2.0, gt=1, description="lease = this x the gateway's deadline")
    settle_ms: int = Field(50, ge=1, description="outcomes gather so long before they are committed together")
    tries_max: int = Field(6, ge=1, description="lost attempts of one batch before it is left to its horizon")
    horizon_hours: float = Field(48.0, gt=0, description="an unknown outcome is decided by then")
    back_off_seconds: float = Field(2.0, gt=0, description="first wait after a call that was not sent")
    back_off_max_seconds: float = Field(900.0, gt=0, description="longest such wait")


class Receipts(BaseModel):
    """Delivery receipts."""

    idle_seconds: float = Field(10.0, ge=0, description="campaign run ends after so long without a receipt")
    grace_seconds: float = Field(60.0, ge=0, description="a final state is refunded when this old")
    body_max_bytes: int = Field(262_144, ge=1024, description="largest webhook body")
    segment_max_bytes: int = Field(64 * 2**20, ge=1024, description="a spool segment is sealed at this size")
    segment_max_seconds: float = Field(1.0, gt=0, description="or at this age")
    drain_rows: int = Field(2_000_000, ge=1, description="a pass over the spool ends with so many receipts")


class Flows(BaseModel):
    """Prefect flows."""

    shift_minutes: float = Field(10.0, gt=0, description="length of a shift of dispatch, receipts")
    tick_seconds: float = Field(
        2.0, gt=0, description="pause between two ticks of a shift with nothing to do"
    )
    prefect_port: int = Field(
        0, ge=0, le=65_535, description="port of the Prefect server on the loopback; 0 = a free one"
    )
    prefect_url: str = Field("", description="a Prefect server kept by somebody else; empty = our own")
    prefect_start_seconds: float = Field(120.0, gt=0, description="longest start of the Prefect server")


class Reports(BaseModel):
    """What reports assume."""

    expect_final_hours: float = Field(
        30.0, gt=0, description="a message without a final receipt is unknown then"
    )


class Uploads(BaseModel):
    """Files from outside."""

    max_bytes: int = Field(20 * 2**20, ge=1024, description="largest upload")
    max_rows: int = Field(1_000_000, ge=1, description="most rows of an upload")
    line_max_bytes: int = Field(65_536, ge=256, description="longest line of an upload, characters")
    columns_max: int = Field(200, ge=1, description="most columns of an upload")


class Population(BaseModel):
    """Population snapshots."""

    memory_mb: int = Field(1_024, ge=64, description="memory of one reader of a snapshot, MB")
    build_memory_mb: int = Field(2_048, ge=256, description="memory of DuckDB while it writes a snapshot, MB")
    threads: int = Field(2, ge=1, description="threads of one reader or builder of a snapshot")
    keep: int = Field(3, ge=1, description="snapshots kept by housekeeping")
    outside_km: float = Field(
        5.0, ge=0, description="a place further outside the country than this is rejected"
    )
    uniform_variation: float = Field(
        0.05, ge=0, description="counts per postcode that vary less than this (deviation / mean) are suspect"
    )


class Audience(BaseModel):
    """How large an audience tree may be."""

    items_max: int = Field(200, ge=1, description="most conditions in one audience")
    depth_max: int = Field(8, ge=1, description="deepest nesting of any, all, none")
    values_max: int = Field(
        10_000, ge=1, description="most values in one condition (towers, districts, codes)"
    )
    vertices_max: int = Field(10_000, ge=3, description="most vertices of a polygon")
    file_max_bytes: int = Field(4 * 2**20, ge=1024, description="largest audience or campaign file")


class Settings(BaseSettings):
    """All settings, read once from the environment."""

    model_config = SettingsConfigDict(
        env_prefix="CHAPAR_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    home: Path = Field(Path("var"), description="folder of everything that is written at run time")
    database_url: str = Field("", description="operations store; empty = SQLite in the home")
    lake: str = Field("", description="folder of the lake; empty = lake/ in the home")
    state_dir: str = Field(
        "", description="folder outside all homes that tells copies apart; empty = see docs/operations.md"
    )
    gateways: str = Field("", description="JSON object of gateways, or a path to one (docs/gateways.md)")
    region: str = Field("IR", pattern="^[A-Z]{2}$", description="default country of numbers (ISO 3166)")
    timezone: str = Field("Asia/Tehran", description="civil time of schedules and pages")
    public_url: str = Field(
        "", pattern=r"^(https?://[^\s/?#]+/?)?$", description="address that browsers and gateways reach us at"
    )
    language: Literal["fa", "en"] = Field("fa", description="language of pages for a new visitor: fa or en")
    sms: Sms = Sms()
    quick: Quick = Quick()
    bts: Bts = Bts()
    postcode: Postcode = Postcode()
    prefix: Prefix = Prefix()
    billing: Billing = Billing()
    schedule: Schedule = Schedule()
    ads: Ads = Ads()
    privacy: Privacy = Privacy()
    dispatch: Dispatch = Dispatch()
    receipts: Receipts = Receipts()
    flows: Flows = Flows()
    reports: Reports = Reports()
    uploads: Uploads = Uploads()
    audience: Audience = Audience()
    population: Population = Population()

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise Unacceptable(
                f"{name!r} is not a time zone; use a name such as Asia/Tehran",
                f"«{name}» منطقهٔ زمانی نیست؛ نامی مانند Asia/Tehran بنویسید",
            )
        return name

    @field_validator("home", "lake")
    @classmethod
    def _is_no_pattern(cls, folder: Path | str) -> Path | str:
        """Readers of many files at once take some signs for patterns; an address is no folder yet."""
        if "://" in str(folder):
            raise Unacceptable(
                f"{folder} is an address; choose a folder", f"{folder} نشانی است؛ پوشه‌ای برگزینید"
            )
        if strange := set("*?[") & set(str(_resolved(Path(folder)))):
            signs = " ".join(sorted(strange))
            raise Unacceptable(
                f"{folder} holds {signs}; choose a folder without * ? [",
                f"{folder} نشانهٔ {signs} دارد؛ پوشه‌ای بی * ? [ برگزینید",
            )
        return folder

    @property
    def root(self) -> Path:
        """The home as an absolute path."""
        return _resolved(self.home)


@cache
def _resolved(home: Path) -> Path:
    return home.expanduser().resolve()


@cache
def settings() -> Settings:
    """Return the settings of this process; tests call `settings.cache_clear()` after changing variables."""
    try:
        return Settings()
    except ValidationError as error:
        where, en, fa = first_problem(error, see="docs/settings.md")
        raise Refused("CHAPAR_" + "__".join(where).upper(), en, fa) from None


def unknown_variables() -> list[tuple[str, str, str]]:
    """Return each variable CHAPAR_… that nothing reads, with a sentence in English and one in Persian.

    They are ignored, not refused: a variable of a newer version must not stop an older one.
    """
    known = [*_variables(), *BESIDE_SETTINGS]
    strange = [name for name in sorted(os.environ) if name.upper().startswith("CHAPAR_")]
    return [(name, *_no_setting(name, known)) for name in strange if name.upper() not in known]


def _variables() -> list[str]:
    """Return the variables of all settings; a whole group may also come as one, in JSON."""
    names = []
    for name, field in Settings.model_fields.items():
        names.append(f"CHAPAR_{name.upper()}")
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names += [f"{names[-1]}__{inner.upper()}" for inner in field.annotation.model_fields]
    return names


def _no_setting(name: str, known: list[str]) -> tuple[str, str]:
    bare = [one.removeprefix("CHAPAR_") for one in known]  # what all have in common would make all alike
    near = get_close_matches(name.upper().removeprefix("CHAPAR_"), bare, n=1)
    mend = f"CHAPAR_{near[0]}" if near else "docs/settings.md"
    return (
        f"{name} is no setting and is ignored; " + (f"did you mean {mend}?" if near else f"see {mend}"),
        f"{name} تنظیم شناخته‌شده‌ای نیست و نادیده گرفته شد؛ "
        + (f"آیا {mend} منظور بود؟" if near else f"{mend} را ببینید"),
    )
