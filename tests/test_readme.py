"""README's own path: its blocks are pasted as they stand, in order, and end with somebody signed in."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import house
import pytest

from data.use_cases import sessions

SMALLER = ("--synthetic 1000000", "--synthetic 20000")
SECONDS = 800
README = house.text(house.ROOT / "README.md")
BLOCKS = re.findall(r"^```bash\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_there_is_a_path_to_paste() -> None:
    assert BLOCKS
    assert all(".venv/bin/chapar" in block for block in BLOCKS)
    bare = [line for block in BLOCKS for line in block.splitlines() if re.match(r"chapar\b", line)]
    assert bare == [], "nobody has chapar on the path after make"


def test_the_files_that_readme_names_stand_in_examples() -> None:
    named = set(re.findall(r"\bexamples/[\w.-]+", README))
    assert named
    assert [name for name in sorted(named) if not (house.ROOT / name).exists()] == []
    kept = {f"examples/{file.name}" for file in (house.ROOT / "examples").iterdir()}
    told = README + "".join(house.text(house.ROOT / name) for name in sorted(named))
    assert [name for name in sorted(kept) if Path(name).name not in told] == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not (house.ROOT / ".venv/bin/chapar").exists(), reason="the command is not installed")
def test_readme_can_be_pasted_and_somebody_of_the_shop_signs_in(home: Path) -> None:
    said = ""
    for block in BLOCKS:
        assert SMALLER[0] in block or block is not BLOCKS[0]
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail"], input=block.replace(*SMALLER), cwd=house.ROOT, text=True,
            env=os.environ | {"CHAPAR_HOME": str(home)}, capture_output=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        said += done.stdout
    password = re.search(r"^password: (\S+)$", said, re.MULTILINE)
    assert password, said
    viewer = sessions.viewer(sessions.sign_in("sara", password[1], "127.0.0.1"))
    assert viewer is not None
    assert viewer.account.name == "shop"
    assert re.search(r"^ok: yes$", said, re.MULTILINE), "the last word is the audit's"
