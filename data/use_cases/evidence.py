"""What was tried for the batches of a run whose outcome is not known, and what else tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from data.errors import Refused
from data.records import batches, runs
from data.records.batches import Batch
from data.rules import status
from data.use_cases.floor import Case, question

__all__ = ["BATCHES_SHOWN", "Batch", "Evidence", "Happening", "of_run"]
BATCHES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Happening:
    """One attempt at a batch (`attempt` counts from 1), or one piece of evidence (`attempt` is None)."""

    batch_id: int
    at: datetime
    attempt: int | None
    kind: str  # of an attempt its outcome, a key of OUTCOME_LABELS; else a key of EVIDENCE_LABELS
    http_status: int | None
    why: str

    def label(self, language: str) -> str:
        """Return the outcome of the attempt, or what kind of evidence it is."""
        labels = status.EVIDENCE_LABELS if self.attempt is None else status.OUTCOME_LABELS
        persian, english = labels.get(self.kind, (self.kind, self.kind))
        return persian if language == "fa" else english


@dataclass(frozen=True, slots=True)
class Evidence:
    """The unknown batches of a run; what happened to the first BATCHES_SHOWN of them, by batch and time."""

    batches: tuple[Batch, ...]
    history: tuple[Happening, ...]

    @property
    def left_out(self) -> int:
        """How many batches the history is silent about."""
        return max(0, len(self.batches) - BATCHES_SHOWN)


@question("evidence.of_run")
def of_run(case: Case, run_id: int) -> Evidence:
    """Return what is known of the unknown batches of a run of the account."""
    one = runs.find(case.c, run_id)
    if one is None or case.who.account_id not in (None, one.account_id):
        raise Refused("run", f"there is no run {run_id}", f"اجرایی با شمارهٔ {run_id} نیست")
    unknown = batches.in_state(case.c, "unknown", run_id=run_id)
    found = [told for batch in unknown[:BATCHES_SHOWN] for told in _of(case, batch.id)]
    return Evidence(tuple(unknown), tuple(sorted(found, key=lambda told: (told.batch_id, told.at))))


def _of(case: Case, batch_id: int) -> Iterator[Happening]:
    for row in batches.attempts_of(case.c, batch_id):
        outcome, why = row["outcome"] or "", row["why"] or ""
        yield Happening(batch_id, row["claimed_at"], row["n"], outcome, row["http_status"], why)
    for row in batches.evidence_of(case.c, batch_id):
        yield Happening(batch_id, row["at"], None, row["kind"], None, row["note"])
