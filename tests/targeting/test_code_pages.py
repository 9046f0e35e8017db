"""A file of another code page is refused with the encodings named, never sent as if it were Persian."""

from __future__ import annotations

import pytest

from data.errors import Refused
from targeting.encodings import decode

OTHERS = [
    ("cp1250", "Dvořák,Černý,Žižka,Łukasz"), ("cp1251", "Привет Анна,Иван Петров,Ольга"),
    ("cp1252", "Jäger,Großmann,Søren"), ("cp1252", "Zoë,Müller"), ("cp1253", "Γιώργος,Ελένη,Νίκος"),
    ("cp1254", "Ayşe,Işık,Çağrı"), ("cp1255", "שלום,דוד,רחל"), ("iso8859-6", "علي,محمد,سارة"),
    ("iso8859-6", "علي"), ("mac_arabic", "محمد,رضا,علي"), ("koi8-r", "привет анна,иван,ольга"),
    ("koi8-u", "іван,мар'я,оксана"), ("gbk", "张三,李四,王小明"), ("shift_jis", "田中,さくら,テスト"),
    ("big5", "陳大文,李小明"), ("iso8859-2", "Dvořák,Žižka"), ("cp866", "иван,мария,ольга"),
]  # fmt: skip
PERSIAN = [
    "سارا,رضا", "علي", "مريم احمدي,كوروش", "محمد", "زهرا", "سعید", "تهران",
    "قيمت ۲۰ درصد", "André,سارا", "خانه‌ها", "پژمان,گلناز,چنگیز", "Ali,علی,Reza",
    "مشتری گرامی، سفارش شما آماده است",
]  # fmt: skip


@pytest.mark.parametrize(("code_page", "names"), OTHERS)
@pytest.mark.parametrize("rows", [1, 40])
def test_a_file_of_another_code_page_is_refused_by_name(code_page: str, names: str, rows: int) -> None:
    text = "mobile,name\n" + "".join(
        f"0912123456{n % 10},{one}\n" for n in range(rows) for one in names.split(",")
    )
    with pytest.raises(Refused) as refused:
        decode(text.encode(code_page))
    for named in ("UTF-8", "UTF-16", "Windows-1256"):
        assert named in refused.value.en
        assert named in refused.value.fa


@pytest.mark.parametrize("names", PERSIAN)
@pytest.mark.parametrize("rows", [1, 40])
def test_windows_1256_is_read_rightly(names: str, rows: int) -> None:
    names = (
        names.replace("ی", "ي")
        .replace("ک", "ك")
        .translate({ord(sign): str(n) for n, sign in enumerate("۰۱۲۳۴۵۶۷۸۹")})
    )
    text = "mobile,name\n" + "".join(
        f"0912123456{n % 10},{one}\n" for n in range(rows) for one in names.split(",")
    )
    found = decode(text.encode("cp1256"))
    assert (found.text, found.encoding) == (text, "windows-1256")
