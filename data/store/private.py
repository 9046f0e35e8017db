"""Folders that only their owner may enter: personal data lies in all of them."""

from __future__ import annotations

from pathlib import Path

MODE = 0o700


def private(folder: Path) -> Path:
    """Make a folder and whatever is missing above it, each closed to other users; return it."""
    if folder.exists():
        return folder
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True, mode=MODE)
    return folder
