"""Lines that several accounts send from: given to another account, and taken back."""

from __future__ import annotations

from data.errors import Refused
from data.records import accounts, line_shares, lines
from data.records.lines import Line
from data.use_cases.floor import Case, question, use_case


@use_case("line.share", right="home")
def share(case: Case, line: str, account: str) -> bool:
    """Let another account send from a line; return whether it could not yet."""
    found, other = _found(case, line), accounts.required(case.c, account)
    if found.account_id == other.id:
        raise Refused("account", "this account owns the line already", "این خط از آنِ همین حساب است")
    case.note(line, account_id=other.id)
    return line_shares.share(case.c, found.id, other.id, actor=case.who.name, now=case.now)


@use_case("line.unshare", right="home")
def unshare(case: Case, line: str, account: str) -> bool:
    """Take a line from an account that shared it; return whether it did. Runs under way are carried on."""
    found, other = _found(case, line), accounts.required(case.c, account)
    case.note(line, account_id=other.id)
    return line_shares.unshare(case.c, found.id, other.id)


@question("line.sharers", right="home")
def sharers(case: Case, line: str) -> tuple[str, ...]:
    """Return the names of the accounts that share a line with its owner."""
    return tuple(line_shares.accounts_of(case.c, _found(case, line).id))


def _found(case: Case, name: str) -> Line:
    """Sharing is done by the operator: a person of an account, an administrator too, sees its own lines."""
    own = case.who.account_id
    found = lines.named(case.c, name) if own is None else lines.find(case.c, own, name)
    if found is None or own not in (None, found.account_id):
        raise Refused("line", f"there is no line {name!r}", f"خطی با نام «{name}» نیست")
    return found
