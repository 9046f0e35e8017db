"""Serves the page of one text box in a process that has loaded all that ours has, frozen alike.

What its rerun costs is the library's price, below which no page of ours gets:
`python -m bench.text_box PORT`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from streamlit.starlette import App

from dashboards import warm


def main(port: int) -> None:
    """Load what our dashboards load, freeze it, serve the one page."""
    app = App(Path(__file__).with_name("box.py"))
    warm.settle()
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
