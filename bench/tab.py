"""A browser tab without a browser: opens Streamlit's socket, asks for a page, waits until it is drawn."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

MESSAGE_BYTES_MAX = 64 * 2**20
PATIENCE_SECONDS = 60.0


class Tab:
    """One tab of a signed-in person at the application that answers at `address` (http://host:port)."""

    def __init__(self, address: str, cookie: str) -> None:
        self._socket = connect(
            address.replace("http", "ws", 1) + "/_stcore/stream", max_size=MESSAGE_BYTES_MAX,
            additional_headers={"Cookie": cookie}, subprotocols=["streamlit"],  # type: ignore[list-item]
            open_timeout=PATIENCE_SECONDS,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._socket.close()

    def draw(self, page: str, query: str = "") -> int:
        """Run the script of a page whole, as a click does; return how many elements came."""
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = query
        self._socket.send(asked.SerializeToString())
        elements = 0
        while True:
            said = ForwardMsg()
            said.ParseFromString(self._socket.recv(timeout=PATIENCE_SECONDS))  # type: ignore[arg-type]
            kind = said.WhichOneof("type")
            if kind == "delta":
                broken = said.delta.new_element.WhichOneof("type") == "exception"
                assert not broken, said.delta.new_element.exception.message
                elements += 1
            if kind == "script_finished":
                assert said.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY, said
                return elements


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used so far, in seconds."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)
