"""Who this home is on this machine, whether it may send, and letting one that is held send again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from data import clock
from data.errors import Refused, Retryable
from data.records import doubt, home, processes, runs
from data.records.doubt import Promised
from data.records.home import Standing
from data.rules.home import DOUBTFUL, Outside, Reason
from data.settings import settings
from data.store import operations, outside
from data.store.outside import Slot, UnreadableError
from data.use_cases.floor import Case, Who, question, use_case
from gateways import config, identity, proofs

WHY_CHARS_MAX = 300
PULSE_SECONDS = 3.0  # a living worker says so every second


@dataclass(frozen=True, slots=True)
class Shown:
    """A home as people see it; `why` (Persian, English) says what holds it."""

    home_id: str
    machine: str | None
    where: str
    reason: Reason | None
    why: tuple[str, str] | None

    @property
    def held(self) -> bool:
        """Whether nothing is sent."""
        return self.reason is not None


@dataclass(frozen=True, slots=True)
class Released:
    """What a release did: whether anything held the home, and how many batches are asked about first."""

    shown: Shown
    was: Reason | None
    set_aside: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What was learned before the transaction: why the home is held, and what stands outside it."""

    reason: Reason | None
    kept: Outside | None
    machine: str
    doubtful: bool
    epoch: str


@question("home.show")
def show(case: Case) -> Shown:
    """Return who this home is, and why it may not send if so."""
    return _shown(home.standing(case.c, now=case.now))


def release(who: Who, why: str) -> Released:
    """Let a held home send from this machine; where a copy may have sent more, that is asked about first.

    Whatever is ready or on its way is then unknown until its gateway has said, or, where none can be asked,
    its horizon: nothing is sent twice. The copy whose place this one takes sends no more on this machine.
    """
    text = why.strip()
    if not text or len(text) > WHY_CHARS_MAX:
        raise Refused(
            "why", f"say in 1 to {WHY_CHARS_MAX} characters why it may send here",
            f"در ۱ تا {WHY_CHARS_MAX} نویسه بنویسید چرا می‌تواند از اینجا بفرستد",
        )  # fmt: skip
    operations.migrate()
    with operations.reading() as c:
        seen = home.standing(c, now=clock.now())
    alive = seen.reason == "elsewhere" and _another_lives()
    try:
        machine = outside.machine()
        with outside.locked(seen.home_id) as slot:
            known = _known(seen, slot, machine, alive=alive)
            released, counter = _release(who, text, known)
            if known.reason is not None:
                slot.write(Outside(counter, seen.where, known.epoch, clock.now()))
    except OSError as error:
        raise Retryable(
            f"{error.strerror or error}: {error.filename or 'CHAPAR_STATE_DIR'} cannot be used; "
            "set CHAPAR_STATE_DIR to a folder outside the home",
            "جای نگه‌داری وضعیت نوشتنی نیست؛ CHAPAR_STATE_DIR را پوشه‌ای بیرون از خانه بگذارید",
        ) from error
    return released


@use_case("home.release", right="home")
def _release(case: Case, why: str, known: _Known) -> tuple[Released, int]:
    """Begin a new epoch, whose counter is past every one that was seen, and set aside what is in doubt."""
    seen = home.standing(case.c, now=case.now)
    if known.reason is None:
        case.silent = True
        return Released(_shown(seen), None, 0), seen.counter
    counter = max(seen.counter, known.kept.counter if known.kept else 0) + 1
    home.add_epoch(
        case.c, known.epoch, machine=known.machine, why=why, doubtful=known.doubtful, now=case.now
    )
    home.go_on_from(case.c, counter, epoch=known.epoch)
    home.add_machine(case.c, known.machine, now=case.now)
    aside = _set_aside(case, known) if known.doubtful else 0
    if known.doubtful:
        runs.skip_ids(case.c)
    case.note(seen.home_id, why=why, reason=known.reason, set_aside=aside)
    free = Shown(seen.home_id, known.machine, seen.where, None, None)
    return Released(free, known.reason, aside), counter


def _known(seen: Standing, slot: Slot, machine: str, *, alive: bool) -> _Known:
    """Read again under the lock: whoever sent meanwhile has written it there."""
    try:
        kept, reason = slot.read(), seen.reason
    except UnreadableError:
        kept, reason = None, "unreadable"
    if kept is not None and kept.counter > seen.counter and reason is not None:
        reason = reason if reason in DOUBTFUL else "behind"
    doubtful = reason in DOUBTFUL and not alive
    return _Known(reason, kept, machine, doubtful, secrets.token_hex(16))


def _set_aside(case: Case, known: _Known) -> int:
    """Nothing of a copy's calls can still arrive a deadline and the quiet time after its last claim."""
    found = config.load_settings(case.c)
    standing, secret = proofs.standings(case.c, found), processes.secret(case.c)
    only_here = known.reason == "behind" and known.kept is not None
    last = known.kept.at if only_here and known.kept else case.now
    promised = []
    for name, given in found.items():
        able = proofs.as_proven(given, standing[name]).capabilities()
        quiet_at = last + timedelta(seconds=able.deadline_seconds + able.quiet_seconds)
        promised.append(Promised(name, identity.fingerprint(secret, given), able.gateway_class, quiet_at))
    horizon_at = case.now + timedelta(hours=settings().dispatch.horizon_hours)
    return doubt.set_aside(case.c, promised, now=case.now, horizon_at=horizon_at)


def _another_lives() -> bool:
    """Whether a process of another machine works on this very database now: then it is no copy.

    Only a server can be shared. A copy has old signs of life, so one must be seen to change.
    """
    first = _pulse()
    if first is None:
        return False
    clock.sleep(PULSE_SECONDS)
    return _pulse() != first


def _pulse() -> tuple[str, ...] | None:
    here = processes.this_process().host
    with operations.reading() as c:
        if c.dialect.name != "postgresql":
            return None
        return tuple(str(row["seen_at"]) for row in processes.listing(c) if row["host"] != here)


def _shown(seen: Standing) -> Shown:
    why = (str(seen.why("fa")), str(seen.why("en"))) if seen.held else None
    return Shown(seen.home_id, seen.machine, seen.where, seen.reason, why)
