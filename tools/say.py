"""How the set-up talks: one line per step, and one sentence that helps when a step fails."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NoReturn


def say(sentence: str) -> None:
    """Tell the person at the terminal what happens now."""
    print(f"chapar: {sentence}", file=sys.stderr, flush=True)


def give_up(sentence: str) -> NoReturn:
    """Stop with one sentence that says what to do."""
    say(sentence)
    raise SystemExit(1)


def run(
    command: list[str | Path],
    *,
    otherwise: str,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    chatty: bool = False,
) -> None:
    """Run a command; when it fails, say `otherwise` and stop. What a chatty one prints is not shown."""
    shown = subprocess.DEVNULL if chatty else None
    words = [str(word) for word in command]
    try:
        whole = {**os.environ, **(env or {})}
        code = subprocess.run(words, cwd=cwd, env=whole, stdout=shown, check=False).returncode
    except OSError as error:
        give_up(f"{words[0]} cannot be started ({error.strerror}). {otherwise}")
    if code:
        give_up(f"`{shlex.join(words)}` ended with code {code}. {otherwise}")
