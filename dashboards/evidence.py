"""What was tried for the batches whose outcome is not known, and what else tells of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from data.records import batches
from data.records.batches import Batch
from data.rules import status
from data.store import operations
from data.store.operations import Connection

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


def history(unknown: Sequence[Batch]) -> list[Happening]:
    """Return what happened to the first BATCHES_SHOWN of these batches: by batch, then in order of time."""
    with operations.reading() as c:
        found = [one for batch in unknown[:BATCHES_SHOWN] for one in _of(c, batch.id)]
    return sorted(found, key=lambda one: (one.batch_id, one.at))


def _of(c: Connection, batch_id: int) -> Iterator[Happening]:
    for row in batches.attempts_of(c, batch_id):
        outcome, why = row["outcome"] or "", row["why"] or ""
        yield Happening(batch_id, row["claimed_at"], row["n"], outcome, row["http_status"], why)
    for row in batches.evidence_of(c, batch_id):
        yield Happening(batch_id, row["at"], None, row["kind"], None, row["note"])
