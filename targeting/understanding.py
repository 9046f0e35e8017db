"""From an audience as written to one whose every word a snapshot understood: the only way to a question.

Its key is worked out here, of what was understood, so that one audience has one key however it was written.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from data.settings import settings
from targeting.criterion import Criterion, Ground, Understood, located
from targeting.places import places_of
from targeting.tree import Asked, Audience, Leaf, dumped, plain

if TYPE_CHECKING:
    from data.store.population import Population


def understand(audience: Audience, population: Population | None, account_id: int | None) -> Asked:
    """Return the audience in codes of the snapshot; raise Refused naming the dotted field.

    `population` is needed as soon as some criterion is rented (`audience.uses_bank`).
    """
    region = population.snapshot.region if population else settings().region
    ground = Ground(places_of(population) if population else None, region, account_id)

    def one(leaf: Leaf[Criterion]) -> Understood:
        with located(leaf.at):
            return leaf.criterion.understood(ground)

    return Asked(audience.tree.each(one), row=audience.row, count=audience.count, series=audience.series)


def audience_hash(asked: Asked) -> str:
    """Return the SHA-256 (hex) of what was understood, without row, count, series: the set's identity."""
    body = plain(asked.tree, lambda one: {"kind": one.kind} | one.form)
    return hashlib.sha256(dumped(body).encode()).hexdigest()
