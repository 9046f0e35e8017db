"""The set-up's own decisions: where uv looks, when a step is done again, what a machine is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import debian, frontend
from tools.index import translate
from tools.setup import fingerprint


def test_uv_looks_where_pip_is_told_to_look() -> None:
    pip = {
        "index-url": "https://mirror.example/simple",
        "extra-index-url": "https://one.example/simple\nhttps://two.example/simple",
        "find-links": "/a /b",
        "cert": "/etc/own.pem",
        "no-index": "true",
    }
    assert translate(pip) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_FIND_LINKS": "/a,/b",
        "SSL_CERT_FILE": "/etc/own.pem",
        "UV_NO_INDEX": "1",
    }


def test_what_uv_has_no_word_for_is_left_out() -> None:
    assert translate({"disable-pip-version-check": "1", "no-index": "false"}) == {}


def test_a_step_is_done_again_when_its_sources_change(tmp_path: Path) -> None:
    lock = tmp_path / "prod.lock"
    lock.write_text("one==1")
    first = fingerprint(lock)
    assert fingerprint(lock) == first
    lock.write_text("one==2")
    assert fingerprint(lock) != first


def test_what_the_pages_serve_comes_with_its_licences(tmp_path: Path) -> None:
    modules = tmp_path / "node_modules"
    for source in frontend.SERVED:
        place = modules / source
        (place if source.endswith("images") else place.parent).mkdir(parents=True, exist_ok=True)
        if not place.is_dir():
            place.write_text(source)
    (modules / "leaflet" / "LICENSE").write_text("BSD-2-Clause")
    (modules / "axe-core").mkdir()
    (modules / "axe-core" / "LICENSE").write_text("MPL-2.0")
    entries = {"": {}, "node_modules/leaflet": {}, "node_modules/axe-core": {"dev": True}}
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": entries}))
    frontend.serve(modules, tmp_path / "vendor")
    served = {f.relative_to(tmp_path / "vendor").as_posix() for f in (tmp_path / "vendor").rglob("*")}
    assert set(frontend.SERVED.values()) <= served
    assert {name for name in served if name.startswith("licences/")} == {"licences/leaflet-LICENSE.txt"}


def test_without_rights_the_browser_tests_are_named_and_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(debian, "chromium", lambda: None)
    monkeypatch.setattr(debian, "can_install", lambda: False)
    debian.browser_for_tests()
    assert "browser tests are left out" in capsys.readouterr().err
