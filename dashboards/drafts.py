"""What a person has put together on a send page so far: additions, slice, token; kept for the browser tab."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from data.use_cases.floor import new_key

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Addition:
    """One line of the recipient list: what was chosen, in words, and how many it matched."""

    node: Node
    label: str
    matched: int
    at_most: bool = False  # a bound


@dataclass(slots=True)
class Draft:
    """A campaign that is being written; `token` makes two confirmations of one form one campaign."""

    kind: str
    token: str = field(default_factory=new_key)
    additions: list[Addition] = field(default_factory=list)
    row: int = 1
    count: int | None = None
    series: str | None = None
    fields: tuple[str, ...] = ()

    def add(self, addition: Addition) -> None:
        """Append to the list; the same choice again is not added twice."""
        if all(one.node != addition.node for one in self.additions):
            self.additions.append(addition)

    def remove(self, place: int) -> None:
        """Take a line out of the list; the slice begins anew because the set is another."""
        del self.additions[place]
        self.row, self.count = 1, None

    @property
    def tree(self) -> Node | None:
        """The audience as JSON (cli.md); additions are a union; None while the list is empty."""
        if not self.additions:
            return None
        tree: Node = {"any": [one.node for one in self.additions]}
        if self.row > 1:
            tree["row"] = self.row
        if self.count is not None:
            tree["count"] = self.count
        if self.series is not None:
            tree["series"] = self.series
        return tree

    @property
    def set_key(self) -> str:
        """What identifies the list itself, whatever the slice."""
        return json.dumps([one.node for one in self.additions], sort_keys=True, ensure_ascii=False)
