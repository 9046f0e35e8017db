"""Set-up from nothing but Python: `.venv`, the locked packages, the front-end files, `.venv/bin/chapar`.

`python3 -m tools.setup prod|dev`. Each step leaves a mark of what it was done from; a step whose sources have
not changed is not done again, so a second run costs milliseconds.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - an old interpreter gets a sentence
    sys.exit(
        "chapar: Python 3.11 or newer is needed and this is {}.{}. If a newer one is installed, "
        "name it: make PYTHON=python3.12 setup".format(*sys.version_info)
    )

import tomllib

from tools import debian, frontend
from tools.index import uv_environment
from tools.say import give_up, run, say

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
MARKS = VENV / "chapar-marks.json"
REQUIREMENTS = ROOT / "requirements"
NETWORK = (
    "Is there a way to a package index? Chapar uses the one pip is configured for (`pip config list`); "
    "set PIP_INDEX_URL if yours is elsewhere, then type the same command again."
)


def main(kind: str) -> None:
    """Bring everything up to date for `kind`: prod (to run Chapar) or dev (to test and check it too)."""
    make_venv()
    make_uv()
    install_packages(kind)
    frontend.make(ROOT, uv=UV, marks=Marks(), environment=lambda: uv_environment(PYTHON))


class Marks:
    """What each step was last done from: a hash of its sources, by the step's name."""

    def done(self, step: str, print_: str) -> bool:
        """Tell whether the step was done from these sources."""
        return self._read().get(step) == print_

    def note(self, step: str, print_: str | None) -> None:
        """Remember what the step was done from; None forgets it."""
        marks = self._read()
        marks.pop(step, None)
        if print_ is not None:
            marks[step] = print_
        MARKS.write_text(json.dumps(marks, indent=1, sort_keys=True), encoding="utf-8")

    def _read(self) -> dict[str, str]:
        try:
            found: dict[str, str] = json.loads(MARKS.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found


def fingerprint(*files: Path) -> str:
    """Return a hash of the files' names and bytes."""
    whole = hashlib.sha256()
    for file in files:
        whole.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return whole.hexdigest()


def make_venv() -> None:
    """Create `.venv` with pip in it, fetching python3-venv where Debian left ensurepip out."""
    if PYTHON.exists() and (VENV / "bin" / "pip").exists():
        return
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        _make_ensurepip()
    say(f"creating .venv with Python {sys.version_info.major}.{sys.version_info.minor}")
    run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        otherwise=f"On Debian or Ubuntu this helps: {debian.by_hand(debian.venv_package())}",
    )


def _make_ensurepip() -> None:
    package = debian.venv_package()
    if not debian.can_install():
        give_up(f"this Python cannot make virtual environments yet. Type: {debian.by_hand(package)}")
    debian.install(package)


def make_uv() -> None:
    """Install the pinned uv into `.venv`, its hash checked by pip."""
    lock = REQUIREMENTS / "tools.lock"
    print_ = fingerprint(lock)
    if UV.exists() and Marks().done("tools", print_):
        return
    say("installing uv")
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps"]
    run([PYTHON, "-m", "pip", "install", *quiet, "--require-hashes", "-r", lock], otherwise=NETWORK)
    Marks().note("tools", print_)


def install_packages(kind: str) -> None:
    """Install exactly what the lock names, every hash checked, and Chapar itself in place."""
    prints = {name: fingerprint(REQUIREMENTS / f"{name}.lock") + _package() for name in ("prod", "dev")}
    marks = Marks()
    complete = (VENV / "bin" / "chapar").exists()
    # what dev installs holds what prod needs: `make demo` after `make test` takes nothing away
    if complete and any(marks.done("packages", f"{name} {prints[name]}") for name in {kind, "dev"}):
        return
    say(f"installing the packages of requirements/{kind}.lock (about 1 GB the first time)")
    env = {**uv_environment(PYTHON), "VIRTUAL_ENV": str(VENV)}
    marks.note("packages", None)
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    lock = REQUIREMENTS / f"{kind}.lock"
    run([UV, "pip", "sync", *quiet, "--require-hashes", lock], otherwise=NETWORK, env=env)
    say("installing the command .venv/bin/chapar")
    pinned: list[str | Path] = ["--build-constraints", REQUIREMENTS / "tools.lock"]
    run([UV, "pip", "install", *quiet, "--no-deps", *pinned, "-e", ROOT], otherwise=NETWORK, env=env)
    marks.note("packages", f"{kind} {prints[kind]}")


def _package() -> str:
    """Return a hash of what pyproject.toml says of the package itself, not of its linters."""
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    own = [whole.get("build-system"), whole.get("project"), whole["tool"].get("setuptools")]
    return hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    if sys.argv[1:] not in (["prod"], ["dev"]):
        give_up("say what to set up: python3 -m tools.setup prod|dev")
    main(sys.argv[1])
