"""What each gateway's class is worth, for whoever runs this installation."""

from __future__ import annotations

from data.use_cases.floor import Case, question
from gateways import config, proofs
from gateways.proofs import Standing


@question("gateway.standings", right="home")
def standings(case: Case) -> list[Standing]:
    """Return by name what each gateway's class is worth; those that claim nothing are left out."""
    found = proofs.standings(case.c, config.load_settings(case.c))
    return [one for _, one in sorted(found.items()) if one.state != "nothing"]
