"""`chapar audience count` and `build`: who a file of conditions selects,
counted exactly or written as a set.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.rules.kinds import KINDS
from flows import commands
from flows.commands import add, group
from flows.commands.documents import folder_of, read_document

if TYPE_CHECKING:
    from data.store.population import Population
    from targeting.audience import Audience, Scope


def register(parsers: Any) -> None:
    """Add the commands and their options."""
    verbs = group(parsers, "audience", "who a file of conditions selects")
    count = add(verbs, "count", count_command, "count exactly")
    build = add(verbs, "build", build_command, "write the set; rented numbers are masked")
    for verb in (count, build):
        verb.add_argument("file", metavar="FILE", help="an audience (JSON or YAML), or - for standard input")
        verb.add_argument("--kind", choices=KINDS, default="area", help="as this kind of send means it")
        verb.add_argument("--service", action="store_true", help="not advertising: who opted out of it stays")
    build.add_argument("--out", required=True, metavar="F.parquet", help="file to write")


def count_command(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the exact count; as an account, small counts of rented numbers are not told."""
    from targeting.audience import told
    from targeting.privacy import shown

    # A count is all that anybody keeps of the file.
    with _opened(arguments, keep=False) as (audience, population, who):
        return shown(told(audience, population, who), who)


def build_command(arguments: argparse.Namespace) -> dict[str, Any]:
    """Write the set in its order and return its count, id, rows and path;
    nothing is left behind on an error.
    """
    from targeting.audience import build
    from targeting.bounds import refuse_own, without_own_inputs
    from targeting.export import refuse_out, set_id, write_set
    from targeting.privacy import binds, shown
    from targeting.universe import salt_of

    out = Path(arguments.out)
    refuse_out(out)
    with _opened(arguments) as (audience, population, who):
        if binds(who) and audience.uses_bank:
            refuse_own(audience)
            who = without_own_inputs(who)
        built = build(audience, population, who)
        salt = salt_of(population, who)
    write_set(built, out)
    return shown(built.count, who) | {
        "set_id": set_id(built.frame, salt),
        "rows": built.frame.height,
        "path": str(out.resolve()),
        "masked": built.count.bank,
    }


@contextmanager
def _opened(
    arguments: argparse.Namespace, *, keep: bool = True
) -> Iterator[tuple[Audience, Population | None, Scope]]:
    """Read the file, take its uploads in, and open what is asked; refused, it leaves no upload."""
    from data.errors import Refused
    from data.rules.advertising import SERVICE, refuse_line
    from targeting.orders import counting
    from targeting.tree import parse_audience
    from targeting.uploads import taken_uploads

    who = commands.who()
    obj = read_document(arguments.file, field="audience")
    if not isinstance(obj, dict):
        raise Refused(
            "audience", "an audience is an object with any, all, none", "مخاطبان شیئی با any، all، none است"
        )
    with taken_uploads(obj, who.account_id, folder_of(arguments.file)) as taken:
        if who.account_id is not None and arguments.service:
            refuse_line(SERVICE, rented=parse_audience(taken.tree).uses_bank, field="service")
        asked = counting.Asked(arguments.kind, taken.tree, advertising=not arguments.service)
        with counting.opened(who, asked) as opened:
            yield opened
        if not keep:
            taken.sweep()
