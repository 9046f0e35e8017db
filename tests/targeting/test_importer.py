"""Files of numbers as spreadsheets and people make them: read right, or refused by line with the mend."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import Refused
from data.settings import settings
from targeting.importer import Imported, read_numbers, read_typed, typed_numbers

ONE, TWO, THREE = 989121234567, 989351234567, 989201234567


def read(text: str | bytes, **more: str) -> Imported:
    return read_numbers(text.encode() if isinstance(text, str) else text, **more)


def got(read_: Imported) -> list[int]:
    return read_.accepted["msisdn"].to_list()


def reasons(read_: Imported) -> list[tuple[int, str]]:
    return list(read_.rejected.select("line", "reason").iter_rows())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256"])
def test_names_come_through_every_encoding(encoding: str) -> None:
    text = "شماره,نام\n09121234567,علي كاظمی\n09351234567,سارا\n".replace(
        "ی", "ي" if encoding == "cp1256" else "ی"
    )
    imported = read(text.encode(encoding))
    assert got(imported) == [ONE, TWO]
    assert imported.accepted["نام"].to_list() == ["علي كاظم" + ("ي" if encoding == "cp1256" else "ی"), "سارا"]
    assert (imported.column, imported.fields) == ("شماره", ("نام",))


@pytest.mark.parametrize(
    "text", ["09121234567\n09351234567\n", "\ufeff09121234567\r\n09351234567", "09121234567\r09351234567"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_bare_numbers_come_through_with_any_line_end(text: str, encoding: str) -> None:
    assert got(read(text.encode(encoding))) == [ONE, TWO]


def test_what_is_in_no_known_encoding_is_refused_and_the_known_ones_named() -> None:
    rubbish = bytes(range(128, 256)) * 20
    for raw in (rubbish, "09121234567".encode("utf-32")):
        with pytest.raises(Refused, match="UTF-8, UTF-16 or Windows-1256"):
            read(raw)
    with pytest.raises(Refused, match="Excel workbook"):
        read(b"PK\x03\x04" + rubbish)


def test_one_broken_byte_costs_its_line_only() -> None:
    good = "\n".join(f"0912{n:07d},علی" for n in range(500))
    imported = read(good.encode() + b"\n09359999999,\xd8\n")
    assert imported.encoding == "utf-8"
    assert (imported.accepted.height, reasons(imported)) == (500, [(501, "bad_bytes")])


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("header", ["", "mobile{}name\n"])
def test_separators_are_found_and_headers_are_optional(separator: str, header: str) -> None:
    text = header.format(separator) + f"09121234567{separator}Ali\n09351234567{separator}Sara\n"
    imported = read(text)
    assert (got(imported), imported.delimiter) == ([ONE, TWO], separator)
    assert imported.accepted["name" if header else "2"].to_list() == ["Ali", "Sara"]


def test_a_sep_line_names_the_separator() -> None:
    imported = read("sep=;\nname;mobile\nA,B;09121234567\n")
    assert (got(imported), imported.delimiter, imported.column) == ([ONE], ";", "mobile")
    assert imported.accepted["name"].to_list() == ["A,B"]
    assert imported.accepted["line"].to_list() == [3]


def test_the_column_is_chosen_by_name_or_number() -> None:
    text = "home,موبایل\n09351234567,09121234567\n"
    assert got(read(text)) == [ONE]
    assert got(read(text, column="home")) == [TWO]
    assert got(read(text, column="۱")) == [TWO]
    assert got(read("x,y\na,09121234567\n")) == [ONE]  # no header says so, but the numbers are there
    for column, says in (("3", "1 to 2"), ("name", "home, موبایل")):
        with pytest.raises(Refused, match=says) as refused:
            read(text, column=column)
        assert refused.value.field == "column"


def test_a_lost_leading_zero_is_given_back_and_counted() -> None:
    imported = read("9121234567\n09351234567\n۹۲۰۱۲۳۴۵۶۷\n")
    assert got(imported) == [ONE, TWO, THREE]
    assert imported.repaired == 2
    assert [notice.code for notice in imported.notices] == ["lost_zero"]


def test_scientific_notation_is_refused_by_line() -> None:
    imported = read("mobile\n9.12E+09\n09121234567\n9.12123E+9\n")
    assert (got(imported), reasons(imported)) == ([ONE], [(2, "scientific"), (4, "scientific")])


def test_formulas_are_refused_unless_they_only_guard_a_number() -> None:
    imported = read('mobile,name\n="09121234567",=HYPERLINK(1)\n=A1+1,x\n@SUM(1),y\n+989351234567,-1\n')
    assert got(imported) == [ONE, TWO]
    assert imported.accepted["name"].to_list() == ["=HYPERLINK(1)", "-1"]
    assert reasons(imported) == [(3, "formula"), (4, "formula")]


def test_repeats_and_rejects_add_up_to_the_rows() -> None:
    imported = read("09121234567\n+98 912 123 4567\n02188776655\n\n09351234567\n")
    assert (imported.rows, imported.accepted.height, imported.duplicates) == (4, 2, 1)
    assert reasons(imported) == [(3, "landline")]
    assert imported.accepted["times"].to_list() == [2, 1]


def test_damage_stays_on_its_line() -> None:
    lines = ["mobile,name"] + [f"0912{n:07d},name {n}" for n in range(10_000)]
    lines[10] = '09351234567,"never closed'
    lines[20] = "0935\x001234567,nul"
    lines[30] = "09351234567,a,b,c"
    lines[40] = "09351234567"
    lines[50] = '09359999999,"she said ""hi"", twice"'
    lines[60] = '09358888888,5" pipe'
    imported = read("\n".join(lines))
    assert imported.rows == 10_000
    assert reasons(imported) == [(11, "unclosed_quote"), (21, "bad_bytes"), (31, "ragged"), (41, "ragged")]
    names = dict(imported.accepted.select("msisdn", "name").iter_rows())
    assert names[989359999999] == 'she said "hi", twice'
    assert names[989358888888] == '5" pipe'
    assert names[989120000003] == "name 3"


def test_a_quoted_cell_may_span_lines() -> None:
    imported = read('mobile,address\n09121234567,"Street 1,\nTehran"\n09351234567,x\n"09201234567" , "a;b"\n')
    assert got(imported) == [ONE, TWO, THREE]
    assert imported.accepted["address"].to_list() == ["Street 1,\nTehran", "x", "a;b"]
    assert imported.accepted["line"].to_list() == [2, 4, 5]


def test_empty_cells_beyond_the_last_column_do_no_harm() -> None:
    assert got(read("mobile,name\n09121234567,Ali,,\n09351234567,\n")) == [ONE, TWO]


def test_ten_megabytes_on_one_line_are_refused_by_line() -> None:
    with pytest.raises(Refused, match=r"line 2 is 10,000,000 characters") as refused:
        read("09121234567\n" + "9" * 10_000_000)
    assert "سطر ۲" in refused.value.fa


@pytest.mark.parametrize("text", ["", "\n\n", ",,,\n", "\ufeff"])
def test_an_empty_file_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="empty"):
        read(text)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPAR_UPLOADS__MAX_ROWS", "10")
    settings.cache_clear()
    with pytest.raises(Refused, match="at most 10"):
        read("09121234567\n" * 12)


def test_fields_never_take_the_names_of_our_columns() -> None:
    imported = read("mobile,operator,bank,نام,نام\n09121234567,x,y,الف,ب\n")
    assert imported.fields == ("نام",)
    assert imported.accepted["نام"].to_list() == ["الف"]


@given(st.text(max_size=300))
def test_whatever_the_text_rows_are_accounted_for_or_the_file_is_refused(text: str) -> None:
    with suppress(Refused):
        imported = read_numbers(text.encode("utf-8", "replace"))
        assert imported.rows == imported.accepted.height + imported.duplicates + imported.rejected.height


@given(
    st.lists(st.text(st.sampled_from('",;\t 09a=\n\r\x0b\x85\u2028'), max_size=25), max_size=12),
    st.sampled_from("\n,;"),
)
def test_no_mixture_of_quotes_and_separators_breaks_the_sum(lines: list[str], join: str) -> None:
    text = join.join(["mobile,name", "09121234567,x", *lines])
    assert read_numbers(text.encode()).rows >= 1


@given(st.binary(max_size=300))
def test_whatever_the_bytes_nothing_breaks(raw: bytes) -> None:
    with suppress(Refused):
        read_numbers(raw)


def test_typed_numbers_are_cut_where_people_cut_them() -> None:
    text = "09121234567, +98 935 123 4567؛09201234567 09121111111\n0912 222 2222"
    imported = read_typed(typed_numbers(text))
    assert got(imported) == [ONE, TWO, THREE, 989121111111, 989122222222]
