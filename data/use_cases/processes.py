"""Where processes of this installation answer: announced while they live."""

from __future__ import annotations

from data.records import processes
from data.use_cases.floor import Case, use_case


@use_case("process.announce", right="home")
def announce(case: Case, names: tuple[str, ...], address: str) -> None:
    """Say that this process answers at an address under these names."""
    for name in names:
        processes.announce(case.c, name, now=case.now, address=address)
    case.note(", ".join(names))


@use_case("process.withdraw", right="home")
def withdraw(case: Case, names: tuple[str, ...]) -> None:
    """Say that nothing answers under these names any more."""
    for name in names:
        processes.withdraw(case.c, name)
    case.note(", ".join(names))
