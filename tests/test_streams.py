"""Standard streams that are closed or full end a command with one plain sentence, never with a trace."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from flows import terminal

AUDIENCE = {"any": [{"kind": "numbers", "numbers": ["09120000001"]}]}


def _shell(words: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command by the shell, which can close streams; CHAPAR_HOME is set by the fixture."""
    (home / "c.json").write_text(json.dumps(AUDIENCE), encoding="utf-8")
    line = f"{shlex.quote(sys.executable)} -m flows.cli {words}"
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("settings >&-", 1, "standard output is closed"),
        ("settings --json >&-", 1, "standard output is closed"),
        ("settings >&- <&-", 1, "standard output is closed"),
        ("settings >/dev/full", 1, "No space left on device"),
        ("--help >/dev/full", 1, "No space left on device"),
        ("--version >/dev/full", 1, "No space left on device"),
        ("audience count $CHAPAR_HOME/c.json --json >/dev/full", 1, "No space left on device"),
        ("audience count - <&-", 2, "file: standard input is closed"),
        ("settings nonsense --json >/dev/full", 2, "unrecognized arguments"),
        ("settings nonsense --json >&-", 1, "standard output is closed"),
    ],
)
def test_a_stream_that_takes_or_gives_nothing_is_told_of(
    home: Path, words: str, code: int, said: str
) -> None:
    done = _shell(words, home)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert said in done.stderr
    assert "CHAPAR_HOME" not in done.stderr


def test_a_closed_standard_input_is_one_document(home: Path) -> None:
    done = _shell("audience count - --json <&-", home)
    assert (done.returncode, json.loads(done.stdout)["error"]["field"]) == (2, "file")


def test_a_closed_stderr_takes_nothing_from_the_result(home: Path) -> None:
    done = _shell("audience count $CHAPAR_HOME/c.json --json 2>&- <&-", home)
    assert done.returncode == 0
    assert json.loads(done.stdout)


def test_a_command_whose_output_is_closed_does_nothing(home: Path) -> None:
    assert _shell("account create shop >&-", home).returncode == 1
    assert json.loads(_shell("account list --json", home).stdout)["accounts"] == []


def test_a_reader_that_has_read_enough_ends_it_in_silence(home: Path) -> None:
    done = _shell("settings nonsense --json | true", home)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_what_a_file_brings_along_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.say("field \x1b[31mred\x07\x9b: ت\tb")
    assert capsys.readouterr().err == "field \\x1b[31mred\\x07\\x9b: ت\tb\n"
