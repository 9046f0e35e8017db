"""What comes from Debian's packages: python3-venv where ensurepip is missing, Chromium for browser tests."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path

from tools.say import run, say

DRIVER_LIBRARY, DRIVER_PACKAGE = "libatomic.so.1", "libatomic1"  # the Node that drives Chromium loads it
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def chromium() -> str | None:
    """Return the path of a Chromium that can be driven, or None; CHAPAR_CHROMIUM overrides the search."""
    wanted = os.environ.get("CHAPAR_CHROMIUM")
    if wanted:
        return shutil.which(wanted)
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def missing_for_browser() -> list[str]:
    """Return the packages that browser tests still need here."""
    missing = [] if chromium() else ["chromium"]
    if sys.platform == "linux":
        try:
            ctypes.CDLL(DRIVER_LIBRARY)
        except OSError:
            missing.append(DRIVER_PACKAGE)
    return missing


def can_install() -> bool:
    """Tell whether packages can be installed here without asking anybody: root on Debian or Ubuntu."""
    return _family() in {"debian", "ubuntu"} and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> None:
    """Install packages with apt-get, saying so first."""
    say(f"installing {', '.join(packages)} with apt-get")
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "DEBCONF_NOWARNINGS": "yes"}
    help_line = f"Try it by hand: {by_hand(*packages)}"
    run(["apt-get", "-qq", "update"], otherwise=help_line, env=quiet)
    words = ["apt-get", "-qq", "install", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"]
    run([*words, *packages], otherwise=help_line, env=quiet, chatty=True)


def by_hand(*packages: str) -> str:
    """Return the line to type where we may not install."""
    return f"sudo apt-get install -y {' '.join(packages)}"


def venv_package() -> str:
    """Return the package that holds ensurepip for this interpreter."""
    own = Path(sys.base_prefix) == Path("/usr")
    exact = f"python3.{sys.version_info.minor}-venv"
    return "python3-venv" if own and _is_default_python() else exact


def _is_default_python() -> bool:
    default = shutil.which("python3", path="/usr/bin")
    return default is not None and Path(default).resolve().name == f"python3.{sys.version_info.minor}"


def _family() -> str:
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    names = [fields.get("ID", "").strip('"'), *fields.get("ID_LIKE", "").strip('"').split()]
    return next((name for name in names if name in {"debian", "ubuntu"}), "")


def browser_for_tests() -> None:
    """Make sure that browser tests have their Chromium, or name what will be left out."""
    missing = missing_for_browser()
    if not missing:
        return
    if can_install():
        say("browser tests need Chromium and what drives it")
        install(*missing)
    else:
        said = f"no {' and no '.join(missing)} here"
        say(f"{said}: browser tests are left out. To run them too: {by_hand(*missing)}")


if __name__ == "__main__":
    browser_for_tests()
