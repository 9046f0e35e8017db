"""Every world that the model of one batch can reach, and the promises that hold in each."""

from __future__ import annotations

from batch_model import FINAL, POT, Protocol, World, following, plain


def explore(kind: str, how: Protocol, *, limit: int = 300_000) -> tuple[int, str]:
    """Return how many worlds there are, and the first breach found ("" if none)."""
    start = World()
    into: dict[World, list[World]] = {start: []}
    todo = [start]
    while todo:
        world = todo.pop()
        for after in map(plain, following(world, kind, how)):
            if breach := broken(after):
                return len(into), breach
            before = into.get(after)
            if before is None:
                into[after] = [world]
                todo.append(after)
            else:
                before.append(world)
        assert len(into) < limit, "the model does not end"
    ends = [world for world in into if world.state in FINAL]
    reached = set(ends)
    while ends:
        for before in into[ends.pop()]:
            if before not in reached:
                reached.add(before)
                ends.append(before)
    return len(into), "" if len(reached) == len(into) else "from somewhere there is no way to an end"


def broken(w: World) -> str:
    """The invariants of protocol.md 2.12."""
    for wrong, name in (
        (w.copies > 1, "a second copy"),
        (w.bad, w.bad),
        (w.captures > 1, "captured twice"),
        (w.captures and not w.copies, "charged without acceptance"),
        (
            w.pot != POT[w.state] and not (w.state == "done" and w.captures),
            "the money is not where the state says",
        ),
        (w.state in ("failed", "cancelled") and w.copies, "called failed, but delivered"),
        (w.state == "done" and not w.copies, "called sent, but never left"),
    ):
        if wrong:
            return name
    return ""
