"""`python -m flows.child MODULE …`: run a module in this process, which ends when its starter does."""

from __future__ import annotations

import runpy
import sys

from gateways.listening import end_with_parent


def main() -> None:
    """Run the named module as a program of its own, with the remaining arguments."""
    end_with_parent()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
