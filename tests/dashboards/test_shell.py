"""The page shell: its language, its direction, its calendars."""

from __future__ import annotations

from doors import TestClient, sign_in

from dashboards import shell


def test_a_persian_page_runs_right_to_left_with_persian_calendars(client: TestClient) -> None:
    sign_in(client)
    page = client.get("/", headers={"accept": "text/html", "accept-encoding": "gzip"})
    assert '<html lang="fa" dir="rtl">' in page.text
    assert "fa-IR" in page.text
    assert "streamlit.fa.js" in page.text
    assert "<title>چاپار</title>" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert int(page.headers["content-length"]) == len(page.content)


def test_an_english_page_runs_left_to_right(client: TestClient) -> None:
    sign_in(client)
    answer = client.get("/language?to=en&back=/reports")
    assert answer.headers["location"] == "/reports"
    page = client.get("/", headers={"accept": "text/html"})
    assert '<html lang="en" dir="ltr">' in page.text
    assert "fa-IR" not in page.text
    assert "streamlit.fa.js" not in page.text


def test_a_language_that_is_not_there_changes_nothing(client: TestClient) -> None:
    assert "set-cookie" not in client.get("/language?to=xx").headers


def test_a_page_that_is_not_the_shell_is_left_alone() -> None:
    html = '<html lang="en"><p>a report</p></html>'
    assert shell.rewritten(html, "fa") == html


def test_the_shell_of_the_installed_streamlit_is_recognised() -> None:
    from pathlib import Path

    import streamlit

    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    page = shell.rewritten(index, "fa")
    assert 'lang="fa" dir="rtl"' in page
    assert "service-desc" not in page
    assert "<title>Streamlit</title>" not in page
    assert "chapar.css" in page
