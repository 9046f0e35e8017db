"""Who must not be written to: every owner's own list, by number and by file, and what each entry stops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlalchemy as sa

from data import clock as the_clock
from data.errors import Refused
from data.records import accounts
from data.records import suppression as records
from data.rules import inputs
from data.rules.inputs import File
from data.rules.inputs.suppression import Return
from data.store import operations
from data.store.tables import audit_log, suppression_proof
from data.store.tables import suppression as entries
from data.use_cases import suppression, suppression_imports
from data.use_cases.floor import OPERATOR, NotAllowed, Who
from data.use_cases.suppression import Filter, Proof
from targeting.suppression_file import Wish, import_file

ALI, SARA, REZA = 989121230001, 989121230002, 989351230003


@pytest.fixture
def shop(home: Path) -> Who:
    return Who(_account("shop"), "user", "page", name="user:sara")


@pytest.fixture
def other(shop: Who) -> Who:
    return Who(_account("other"), "user", "page", name="user:omid")


def _account(name: str) -> int:
    with operations.writing() as c:
        return accounts.create_account(c, accounts.NewAccount(name), actor="t", now=the_clock.now())


def listed(who: Who, wanted: Filter | None = None, **more: Any) -> list[tuple[int, str]]:
    return [(e.msisdn, e.kind) for e in suppression.listing(who, wanted or Filter(), **more).rows]


def test_a_number_in_any_writing_is_one_number_and_is_added_once(shop: Who) -> None:
    forms = ["0912 123 0001", "۰۹۱۲۱۲۳۰۰۰۱", "+98-912-1230001", "9121230001"]
    assert suppression.add(shop, forms, why="asked by phone").added == 1
    again = suppression.add(shop, [*forms, "09121230002", "02188001122"], why="asked by phone")
    assert (again.added, again.existing) == (1, 1)
    assert [(r.line, r.reason) for r in again.rejected] == [(6, "landline")]
    assert listed(shop) == [(SARA, "blacklist"), (ALI, "blacklist")]


@pytest.mark.parametrize(
    ("numbers", "more", "field"),
    [
        ([], {}, "numbers"),
        (["۱۲۳"], {}, "numbers"),
        (["0912"] * 5_001, {}, "numbers"),
        (["09121230001"], {"why": "  "}, "why"),
        (["09121230001"], {"why": "x" * 301}, "why"),
        (["09121230001"], {"kind": "optout"}, "kind"),
        (["09121230001"], {"account": "other"}, "account"),
        (["09121230001"], {"account": "nobody"}, "account"),
    ],
)
def test_what_cannot_be_added_is_refused_with_its_field(
    shop: Who, other: Who, numbers: Sequence[str], more: dict[str, str], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        suppression.add(shop, numbers, **({"why": "asked"} | more))
    assert refused.value.field == field
    assert refused.value.fa != refused.value.en
    assert listed(shop) == []


def test_an_account_sees_counts_and_ends_its_own_entries_only(shop: Who, other: Who) -> None:
    suppression.add(shop, ["09121230001"], why="ours")
    suppression.add(OPERATOR, ["09121230002"], why="everybody's")
    assert listed(other) == []
    assert suppression.head(other).people == 0
    assert suppression.export(other).is_empty()
    gone = suppression.remove(other, ["09121230001", "09121230002"], why="theirs")
    assert (gone.removed, gone.unknown) == (0, 2)
    with pytest.raises(Refused, match="no account"):
        suppression.listing(other, account="shop")
    assert listed(shop) == [(ALI, "blacklist")]
    assert listed(OPERATOR) == [(SARA, "blacklist")]
    assert listed(OPERATOR, account="shop") == [(ALI, "blacklist")]


def test_a_list_of_another_account_cannot_be_added_to_or_finished(shop: Who, other: Who) -> None:
    file = suppression_imports.ListFile("blacklist", "w", "f.csv", "0" * 64)
    its = suppression_imports.begin(shop, file)
    for deed in (
        lambda: suppression_imports.go_on(other, its, [ALI]),
        lambda: suppression_imports.finish(other, its, repeated=0, rejects=[], rejected=0),
    ):
        with pytest.raises(Refused, match="no list"):
            deed()
    assert suppression_imports.listing(other).rows == ()
    assert [one.state for one in suppression_imports.listing(shop).rows] == ["running"]


def test_who_only_looks_adds_and_takes_away_nothing(shop: Who) -> None:
    suppression.add(shop, ["09121230001"], why="ours")
    for role, verbs in (
        ("analyst", (lambda w: suppression.add(w, ["09121230002"], why="x"),
                     lambda w: suppression.remove(w, ["09121230001"], why="x"))),
        ("marketer", (suppression.export,)),
    ):  # fmt: skip
        who = Who(shop.account_id, role)
        assert listed(who) == [(ALI, "blacklist")]
        for verb in verbs:
            with pytest.raises(NotAllowed):
                verb(who)


def test_a_blacklisted_person_comes_back_and_the_entry_says_who_ended_it(shop: Who) -> None:
    suppression.add(shop, ["09121230001"], why="a slip")
    gone = suppression.remove(shop, ["۰۹۱۲۱۲۳۰۰۰۱", "09121230002"], why="the slip was ours")
    assert (gone.removed, gone.unknown) == (1, 1)
    assert listed(shop) == []
    with operations.reading() as c:
        (row,) = c.execute(sa.select(entries))
    assert (row.actor, row.note) == ("user:sara", "a slip")
    assert (row.lifted_by, row.lifted_note) == ("user:sara", "the slip was ours")


def test_an_opt_out_ends_only_on_a_proof_which_is_kept(shop: Who) -> None:
    suppression.add(shop, ["09121230001"], why="told us at the till", kind="opt_out")
    assert suppression.remove(shop, ["09121230001"], why="x").removed == 0, "it is not on the blacklist"
    for proof in (None, Proof(b" \n"), Proof(b"x" * (2 * 2**20 + 1), "scan.pdf")):
        with pytest.raises(Refused) as refused:
            suppression.remove(shop, ["09121230001"], why="wants it", kind="opt_out", proof=proof)
        assert refused.value.field == "proof"
    with pytest.raises(Refused, match="none of these opted out"):
        suppression.remove(shop, ["09121230002"], why="w", kind="opt_out", proof=Proof(b"letter"))
    done = suppression.remove(
        shop, ["09121230001"], why="wants it", kind="opt_out", proof=Proof(b"letter", "letter.pdf")
    )
    assert (done.removed, listed(shop)) == (1, [])
    with operations.reading() as c:
        (kept,) = c.execute(sa.select(suppression_proof))
        assert (kept.content, kept.name, kept.account_id) == (b"letter", "letter.pdf", shop.account_id)
        assert c.scalar(sa.select(entries.c.proof_id)) == kept.id


def test_an_account_cannot_undo_what_the_operator_blocks(shop: Who) -> None:
    suppression.add(shop, ["09121230001"], why="receipt", kind="operator")
    with pytest.raises(Refused) as refused:
        suppression.remove(shop, ["09121230001"], why="x", kind="operator")
    assert refused.value.field == "kind"
    assert suppression.remove(
        OPERATOR, ["09121230001"], why="a slip", kind="operator", account="shop"
    ).removed


def test_pages_of_the_list_hold_every_entry_once_newest_first(shop: Who) -> None:
    numbers = [f"0912123{place:04}" for place in range(7)]
    suppression.add(shop, numbers[:4], why="w")
    suppression.add(shop, numbers[4:], why="w", kind="opt_out")
    seen, after = [], None
    for _ in range(3):
        page = suppression.listing(shop, limit=3, after=after)
        seen += [e.msisdn % 10_000 for e in page.rows]
        after = page.after
    assert (seen, after) == ([6, 5, 4, 3, 2, 1, 0], None)
    assert len(listed(shop, Filter(kind="opt_out"))) == 3
    assert listed(shop, Filter(number=989121230002)) == [(SARA, "blacklist")]
    assert listed(shop, Filter(kind="opt_out", number=989121230002)) == []


def test_the_head_counts_people_and_what_the_jalali_month_brought(
    shop: Who, monkeypatch: pytest.MonkeyPatch
) -> None:
    for (
        at,
        numbers,
    ) in (  # Azar 1405 began on 22 November 2026 at 00:00 in Tehran: 20:30 UTC of the day before
        (datetime(2026, 11, 21, 20, 29, tzinfo=UTC), ["09121230001"]),
        (datetime(2026, 11, 21, 20, 30, tzinfo=UTC), ["09121230002", "09351230003"]),
    ):
        monkeypatch.setattr(the_clock, "now", lambda at=at: at)
        suppression.add(shop, numbers, why="w")
    suppression.add(shop, ["09121230001"], why="w", kind="opt_out")
    found = suppression.head(shop)
    assert (found.people, found.this_month) == (3, 3)
    assert {one.kind: (one.entries, one.new) for one in found.kinds} == {
        "blacklist": (3, 2),
        "opt_out": (1, 1),
    }


def test_what_is_taken_away_is_the_whole_list_in_columns(shop: Who, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LISTED_MAX", 2)
    suppression.add(shop, ["09121230001", "09121230002", "09351230003"], why="asked", kind="opt_out")
    frame = suppression.export(shop)
    assert frame["msisdn"].to_list() == [REZA, SARA, ALI]
    assert set(frame.select("kind", "why", "source", "actor").rows()) == {
        ("opt_out", "asked", "page", "user:sara")
    }
    assert suppression.export(shop, Filter(kind="blacklist")).columns == frame.columns


FILE = "name,mobile\nali,09121230001\nsara,۰۹۱۲۱۲۳۰۰۰۲\ntwin,9121230001\nhome,02188001122\nreza,09351230003\n"


def test_every_row_of_a_file_is_accounted_for(shop: Who) -> None:
    suppression.add(shop, ["09121230002"], why="before")
    done = import_file(shop, FILE.encode(), Wish("moved from the old panel", name="old.csv"))
    assert (done.rows, done.accepted, done.existing, done.repeated, done.rejected) == (5, 2, 1, 1, 1)
    assert (done.state, done.name, done.note) == ("done", "old.csv", "moved from the old panel")
    assert [(one["line"], one["reason"]) for one in done.rejects] == [(5, "landline")]
    assert suppression_imports.listing(shop).rows == (done,)
    assert len(listed(shop)) == 3
    again = import_file(shop, FILE.encode(), Wish("moved from the old panel", name="old.csv"))
    assert (again.accepted, again.existing) == (0, 3)


def test_a_long_file_is_taken_in_pieces_that_hold_from_their_commit_on(
    shop: Who, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    real = records.add

    def counted(c: Any, numbers: Any, **named: Any) -> int:
        sizes.append(len(numbers))
        return real(c, numbers, **named)

    monkeypatch.setattr(records, "add", counted)
    raw = "\n".join(f"0912{place:07}" for place in range(12_000)).encode()
    assert import_file(shop, raw, Wish("w")).accepted == 12_000
    assert sizes == [5_000, 5_000, 2_000]
    asked = pl.Series(range(989120000000, 989120040000), dtype=pl.UInt64)
    with operations.reading() as c:
        assert records.numbers(c, shop.account_id).height == 12_000
        assert records.among(c, shop.account_id, asked).height == 12_000


def test_no_line_of_the_trace_holds_a_number(shop: Who) -> None:
    import_file(shop, FILE.encode(), Wish("w"))
    suppression.add(shop, ["09121230001"], why="w", kind="opt_out")
    suppression.remove(shop, ["09121230001"], why="w", kind="opt_out", proof=Proof(b"letter"))
    suppression.export(shop)
    with operations.reading() as c:
        rows = list(c.execute(sa.select(audit_log).where(audit_log.c.action.like("suppression.%"))))
    assert {row.account_id for row in rows} == {shop.account_id}
    assert {row.action.removeprefix("suppression.") for row in rows} == {
        "import", "import_done", "add", "remove", "export"
    }  # fmt: skip
    assert "12123000" not in str([(row.subject, row.detail) for row in rows])


def test_everything_that_is_found_comes_off_the_blacklist_however_much_it_is(shop: Who, other: Who) -> None:
    many = [f"0912{number:07}" for number in range(suppression.TYPED_MAX)]
    suppression.add(shop, many, why="a list")
    suppression.add(shop, ["09351230003", "09351230004"], why="two more")
    suppression.add(other, ["09121230001"], why="theirs")
    found = suppression.sought({"kind": "blacklist", "number": ""})
    assert suppression.listing(shop, found, limit=3).total == suppression.TYPED_MAX + 2
    assert suppression.take_off(shop, found, why="the list was another shop's") == suppression.TYPED_MAX + 2
    assert (listed(shop), listed(other)) == ([], [(ALI, "blacklist")])


def test_words_of_an_address_find_a_number_in_any_writing_and_nobody_by_nonsense(shop: Who) -> None:
    suppression.add(shop, ["09121230001", "09121230002"], why="w", kind="opt_out")
    for words, found in (
        ({"number": "۰۹۱۲ ۱۲۳ ۰۰۰۲"}, [(SARA, "opt_out")]),
        ({"number": "twelve"}, []),
        ({"kind": "blacklist"}, []),
        ({"kind": "no such kind"}, [(SARA, "opt_out"), (ALI, "opt_out")]),
    ):
        assert listed(shop, suppression.sought(words)) == found


@pytest.mark.parametrize(("said", "file"), [("", None), (" ", File("a", b" ")), ("words", File("b", b"too"))])
def test_an_opt_out_asks_for_its_proof_in_words_or_as_a_file(said: str, file: File | None) -> None:
    made, problems = inputs.check(Return, {"why": "wants it", "said": said, "proof": file})
    assert made is None
    assert [problem.field for problem in problems] == ["proof"]


def test_the_proof_that_brings_somebody_back_is_kept_as_it_came(shop: Who) -> None:
    suppression.add(shop, ["09121230001", "09121230002"], why="w", kind="opt_out")
    ids = {one.msisdn: str(one.id) for one in suppression.listing(shop).rows}
    for number, said, file in ((ALI, "write to me again", None), (SARA, "", File("form.png", b"\x89PNG"))):
        found = suppression.sought({"kind": "opt_out"}, [ids[number]])
        assert suppression.bring_back(shop, found, why="a letter", said=said, proof=file) == 1
    with operations.reading() as c:
        kept = [(row.name, row.content) for row in c.execute(sa.select(suppression_proof))]
    assert kept == [("", b"write to me again"), ("form.png", b"\x89PNG")]
    assert listed(shop) == []
