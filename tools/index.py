"""Makes uv fetch from where pip is told to fetch, so that a mirror set up once serves both.

pip's files and PIP_* variables are read through `pip config list`; uv's own variables, where set, win.
"""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

_SPACED = {"extra-index-url": "UV_INDEX", "trusted-host": "UV_INSECURE_HOST"}
_PLAIN = {
    "index-url": "UV_DEFAULT_INDEX",
    "cert": "SSL_CERT_FILE",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "proxy": "ALL_PROXY",
}
_FLAGS = {"no-index": "UV_NO_INDEX"}


def uv_environment(python: Path) -> dict[str, str]:
    """Return the variables that uv should have beside those of this process."""
    wanted = {
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_INDEX_STRATEGY": "unsafe-best-match",  # as pip does; hashes say what is acceptable
        **translate(pip_settings(python)),
    }
    return {name: value for name, value in wanted.items() if name not in os.environ}


def pip_settings(python: Path) -> dict[str, str]:
    """Return what pip is configured to do, by option name; later sources win over earlier ones."""
    asked = subprocess.run(
        [str(python), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    ranked: list[tuple[int, str, str]] = []
    for line in asked.stdout.splitlines():
        key, _, value = line.partition("=")
        place, _, option = key.strip().rpartition(".")
        if option and value.startswith(("'", '"')):
            rank = {"global": 0, "install": 1, ":env:": 2}.get(place, -1)
            ranked.append((rank, option, str(ast.literal_eval(value))))
    return {option: value for rank, option, value in sorted(ranked) if rank >= 0}


def translate(pip: dict[str, str]) -> dict[str, str]:
    """Return uv's variables for pip's options; what uv has no word for is left out."""
    uv: dict[str, str] = {}
    for option, value in pip.items():
        if option in _PLAIN:
            uv[_PLAIN[option]] = value
        elif option in _SPACED:
            uv[_SPACED[option]] = " ".join(value.split())
        elif option == "find-links":
            uv["UV_FIND_LINKS"] = ",".join(value.split())
        elif option in _FLAGS and value.lower() in {"1", "true", "yes", "on"}:
            uv[_FLAGS[option]] = "1"
    return uv
