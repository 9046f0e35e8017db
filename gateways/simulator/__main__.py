"""`python -m gateways.simulator --port 0 --config JSON --folder DIR`: prints {"address": …}, then serves."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gateways.listening import end_with_parent, listen, serve
from gateways.simulator.app import Simulator
from gateways.simulator.behaviour import Behaviour


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; with --with-parent also end when the parent process ends."""
    parser = argparse.ArgumentParser(prog="python -m gateways.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--config", default="{}", help="Behaviour as JSON, @path, or - for stdin")
    parser.add_argument("--folder", type=Path, default=Path("var/simulator"), help="where the record is kept")
    parser.add_argument("--with-parent", action="store_true", help="end when the starting process ends")
    given = parser.parse_args(arguments)
    text = Path(given.config[1:]).read_text("utf-8") if given.config.startswith("@") else given.config
    text = sys.stdin.read() if text == "-" else text
    simulator = Simulator(Behaviour.model_validate_json(text), given.folder)
    if given.with_parent:
        end_with_parent()
    serve(simulator, listen(given.host, given.port), record=str(simulator.book.path))
    simulator.book.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
