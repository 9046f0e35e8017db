"""An ended session does nothing and sees nothing: every way in which a page can act is listed here, guarded.

A new button that acts by itself, a fragment, a box for files, a route fails here until it stands in the list
with what guards it: the socket (asked at every message), the guard of routes, or the use case itself.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import house as house_rules
import pytest
from doors import House, TestClient, sign_in
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg

from dashboards import asgi, guard, login
from data import clock as the_clock
from data.records import sessions as session_records
from data.store import operations
from data.use_cases import users
from data.use_cases.floor import OPERATOR

ROOM = Path(asgi.__file__).parent
# What draws itself or calls back apart from the page's own run: only these places may, through these doors.
OF_STREAMLIT = {
    "fragment": {"dashboards/living.py": 1},
    "dialog": {"dashboards/living.py": 1},
    "file_uploader": {
        "dashboards/widgets/number_picker.py": 1, "dashboards/widgets/input_form.py": 1,
    },
    "download_button": {"dashboards/widgets/number_picker.py": 1},
}
# Callbacks run before a page's own run: they may keep what was typed and nothing else.
KEEPS_WHAT_WAS_TYPED = {
    ("dashboards/widgets/area_picker.py", "on_click"), ("dashboards/widgets/composer.py", "on_text_change"),
    ("dashboards/widgets/map.py", "on_shape_change"), ("dashboards/widgets/table.py", "on_open_change"), 
    ("dashboards/widgets/table.py", "on_chosen_change"),
    ("dashboards/widgets/number_picker.py", "on_click"), ("dashboards/widgets/slice_picker.py", "on_click"),
}  # fmt: skip
PUBLIC = {"/login", "/logout", "/language", "/health"}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Every call in the dashboards: file, name of what is called, the call."""
    for file in sorted(ROOM.rglob("*.py")):
        if "node_modules" not in file.parts:
            for called, call in house_rules.calls(file):
                yield house_rules.name(file), called, call


def marks() -> Iterator[tuple[str, str]]:
    """Every decorator of Streamlit: file and name."""
    for file in sorted(ROOM.rglob("*.py")):
        for function in house_rules.functions(file) if "node_modules" not in file.parts else ():
            for mark in function.decorator_list:
                yield house_rules.name(file), house_rules.dotted(getattr(mark, "func", mark))


@pytest.mark.parametrize("what", OF_STREAMLIT)
def test_what_draws_itself_goes_through_the_door_that_asks_for_the_session(what: str) -> None:
    used = Counter(file for file, called, _ in calls() if called == f"st.{what}")
    used.update(file for file, mark in marks() if mark == f"st.{what}")
    assert dict(used) == OF_STREAMLIT[what]


def test_a_callback_keeps_what_was_typed_and_does_nothing_else() -> None:
    found = {
        (file, keyword.arg)
        for file, _, call in calls()
        for keyword in call.keywords
        if keyword.arg and keyword.arg.startswith("on_")
        if not (isinstance(keyword.value, ast.Constant) and keyword.value.value == "rerun")
    }
    assert found == KEEPS_WHAT_WAS_TYPED
    for file, _ in KEEPS_WHAT_WAS_TYPED:
        for name, call in ((c, k) for f, c, k in calls() if f == file):
            for keyword in call.keywords:
                if keyword.arg and keyword.arg.startswith("on_") and isinstance(keyword.value, ast.Lambda):
                    said = ast.unparse(keyword.value.body)
                    assert said == "None" or said.startswith("st.session_state."), (file, name, said)


def test_every_route_but_the_door_asks_for_the_session(client: TestClient, house: House) -> None:
    routes = [route for route in asgi.routes() if isinstance(route, Route)]
    assert {route.path for route in routes if guard.is_public(route.path)} - PUBLIC == {
        path for path in {route.path for route in routes} if path.startswith("/gw/")
    }
    sign_in(client)
    _end("sara")
    for route in routes:
        path = route.path.replace("{name}", "land")
        if not guard.is_public(path) and "{" not in path:
            assert client.get(path).status_code == 401, path
    for name in ("land", "areas", "districts"):
        assert client.get(f"/shapes/{name}.geojson").status_code == 401


@pytest.mark.parametrize("end", ["ended", "suspended", "idle"])
def test_an_upload_and_a_download_after_the_end_of_the_session_are_refused(
    client: TestClient, house: House, clock: Any, end: str
) -> None:
    sign_in(client)
    assert client.put("/_stcore/upload_file/x", content=b"1").status_code == 200
    _end("sara", end, clock)
    assert client.put("/_stcore/upload_file/x", content=b"1").status_code == 401
    for path in ("/media/a", "/download/messages.csv?campaign=1", "/shapes/places.json"):
        assert client.get(path).status_code == 401


def _message(**said: Any) -> bytes:
    return BackMsg(rerun_script=said).SerializeToString()


PRESSED = {
    "a button": _message(widget_states={"widgets": [{"id": "$$ID-x", "trigger_value": True}]}),
    "a timer": _message(fragment_id="abc", is_auto_rerun=True),
    "a fragment": _message(fragment_id="abc"),
    "a stop": BackMsg(stop_script=True).SerializeToString(),
    "nonsense": b"\xff\xff\xff",
}  # fmt: skip


@pytest.fixture
def tab(house: House) -> Iterator[TestClient]:
    """A client whose socket says back what reached the application."""

    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        async for frame in socket.iter_bytes():
            await socket.send_bytes(b"!" + frame)

    app = Starlette(
        routes=[*login.ROUTES, WebSocketRoute("/_stcore/stream", echo)], middleware=[Middleware(guard.Guard)]
    )
    login.throttle.failures.clear()
    with TestClient(app, follow_redirects=False) as found:
        yield found


@pytest.mark.parametrize("end", ["ended", "suspended", "idle"])
@pytest.mark.parametrize("pressed", PRESSED)
def test_nothing_that_an_ended_tab_wants_reaches_the_page(
    tab: TestClient, clock: Any, pressed: str, end: str
) -> None:
    sign_in(tab)
    frame = PRESSED[pressed]
    with tab.websocket_connect("/_stcore/stream") as socket:
        socket.send_bytes(frame)
        assert socket.receive_bytes() == b"!" + frame
        _end("sara", end, clock)
        socket.send_bytes(frame)
        assert socket.receive_bytes() == b"!" + guard.DRAW_ANEW
    said = BackMsg()
    said.ParseFromString(guard.DRAW_ANEW)
    assert not said.rerun_script.widget_states.widgets
    assert not said.rerun_script.fragment_id


def test_a_tab_that_only_renews_its_figures_keeps_no_session_alive(tab: TestClient, clock: Any) -> None:
    for by_hand, reached in ((True, True), (False, False)):
        sign_in(tab)
        frame = _message(fragment_id="abc", is_auto_rerun=not by_hand)
        with tab.websocket_connect("/_stcore/stream") as socket:
            for _ in range(4):
                clock.advance(minutes=20)
                socket.send_bytes(frame)
                got = socket.receive_bytes()
            assert (got == b"!" + frame) is reached
        tab.cookies.clear()


def _end(name: str, how: str = "ended", clock: Any = None) -> None:
    if how == "suspended":
        users.suspend(OPERATOR, name)
    elif how == "idle":
        clock.advance(minutes=31)
    else:
        with operations.writing() as c:
            session_records.end_all(c, users_id(name), now=the_clock.now())


def users_id(name: str) -> int:
    """The id of a person."""
    return users.show(OPERATOR, name).id
