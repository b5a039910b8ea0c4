"""The pages as ``yibao serve`` serves them, asked as a browser asks: requests, and Streamlit's socket."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from dashboards.services.visitors import COOKIE
from warehouse.settings import PROJECT_ROOT

START_SECONDS = 60
RUN_SECONDS = 60
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(home: Path, *command: str, port: int | None = None, beside: Path | None = None) -> Iterator[int]:
    """Serve the pages of a home (or ``command``) while in here; gives the port.

    Modules in the folder ``beside`` come before all others.
    """
    number = port or free_port()
    started = [sys.executable, "-m", *(command or ("dashboards.server", str(number)))]
    environment = os.environ | {
        "YIBAO_HOME": str(home),
        "DAGSTER_HOME": str(home / "dagster"),
        "PYTHONPATH": os.pathsep.join(map(str, filter(None, (beside, PROJECT_ROOT)))),
    }
    for variable in ("YIBAO_CONTROL_URL", "YIBAO_ACTOR"):
        environment.pop(variable, None)
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(
        started, cwd=PROJECT_ROOT, env=environment, stdout=nowhere, stderr=nowhere
    ) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while time.monotonic() < deadline:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", number)) == 0:
                        break
                assert process.poll() is None, "the server ended"
                time.sleep(0.1)
            yield number
        finally:
            process.terminate()


@dataclass
class Answer:
    """Status, where it leads, the cookie it sets, its text, its head."""

    status: int
    location: str
    cookie: str
    text: str
    headers: http.client.HTTPMessage


@dataclass
class Browser:
    """Sends requests to the server with the cookie it was given."""

    port: int
    cookie: str = ""

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        headers = {"Origin": f"http://127.0.0.1:{self.port}"} | headers
        return self.ask("POST", path, urlencode(fields), headers)

    def log_in(self, name: str, word: str, **headers: str) -> Answer:
        return self.post("/login", {"name": name, "password": word, "next": "/planner?lang=en"}, **headers)

    def ask(self, method: str, path: str, body: str | bytes | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        if self.cookie:
            headers["Cookie"] = f"{COOKIE}={self.cookie}"
        connection.request(method, path, body, headers)
        got = connection.getresponse()
        text = "" if got.status == 101 else got.read().decode("utf-8", "replace")
        location, cookie = got.getheader("location") or "", got.getheader("set-cookie") or ""
        connection.close()
        if cookie.startswith(f"{COOKIE}="):
            self.cookie = cookie.split(";")[0].partition("=")[2].strip('"')
        return Answer(got.status, location, cookie, text, got.headers)

    @contextmanager
    def session(self, resumed: str | None = None, **headers: str) -> Iterator[Session]:
        """A session of Streamlit over its socket; ``resumed`` is the id of one to go on with."""
        origin = f"http://127.0.0.1:{self.port}"
        protocols = ["streamlit", "token", *([resumed] if resumed else [])]
        with connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            origin=origin,  # type: ignore[arg-type]
            subprotocols=protocols,  # type: ignore[arg-type]
            additional_headers={"Cookie": f"{COOKIE}={self.cookie}"} | headers,
            max_size=None,
        ) as opened:
            yield Session(opened)


@dataclass
class Session:
    """Runs of a page in one session: what came back, as text, and the widgets that can be used."""

    opened: ClientConnection
    session_id: str = ""
    page_hash: str = ""
    widgets: dict[str, str] = field(default_factory=dict)
    offered: dict[str, str] = field(default_factory=dict)

    def run(self, page: str = "", query: str = "", **values: str | bool) -> str:
        """Run a page with these values of widgets, by their keys; gives all that was sent."""
        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_name = page
        for key, value in values.items():
            state = asked.rerun_script.widget_states.widgets.add(id=self.widgets[key])
            if isinstance(value, bool):
                state.trigger_value = value
            else:
                state.string_value = value
        if not page:
            asked.rerun_script.page_script_hash = self.page_hash
        self.opened.send(asked.SerializeToString())
        return self._answer()

    def download(self, label: str) -> str:
        """Have the file of a download button written; gives its address."""
        asked = BackMsg()
        request = asked.backend_operation_request
        request.request_id, request.session_id = label, self.session_id
        request.deferred_file.file_id = self.offered[label]
        self.opened.send(asked.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(bytes(self.opened.recv(timeout=RUN_SECONDS)))
            if message.WhichOneof("type") == "backend_operation_response":
                return str(message.backend_operation_response.deferred_file.url)

    def _answer(self) -> str:
        sent: list[str] = []
        deadline = time.monotonic() + RUN_SECONDS
        while time.monotonic() < deadline:
            message = ForwardMsg()
            message.ParseFromString(bytes(self.opened.recv(timeout=RUN_SECONDS)))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session_id = message.new_session.initialize.session_id
                self.page_hash = message.new_session.page_script_hash
            elif kind == "navigation":
                self.page_hash = message.navigation.page_script_hash
            elif kind == "delta":
                self._note(message)
                sent.append(str(message.delta))
            elif kind == "script_finished":
                return "\n".join(sent)
        raise AssertionError("the page did not end")

    def _note(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        part = getattr(element, element.WhichOneof("type") or "", None)
        found = getattr(part, "id", "")
        if element.WhichOneof("type") == "download_button":
            self.offered[element.download_button.label] = element.download_button.deferred_file_id
        if isinstance(found, str) and found.startswith("$$ID"):
            self.widgets[found.split("-", 2)[-1]] = found
