"""Asking the dbt process for a build, and hearing how each node of it ended."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from warehouse.engine.results import CRASHES, Attempt, NodeResult, is_engine_error, kind_of
from warehouse.engine.server import STATUS
from warehouse.home import lock_descriptor
from warehouse.settings import Settings
from warehouse.texts import Busy, Refused

KILLED = -int(signal.SIGKILL)

_one_at_a_time = Lock()


@dataclass(frozen=True)
class Request:
    """What to build: ``only`` the named nodes, else dbt's selection (all if empty) without what is ``done``."""

    select: str = ""
    only: Sequence[str] = ()
    done: Sequence[str] = ()
    is_optimised: bool = True


class _Server:
    """The process at the other end of a socket; the one that a process started serves all its builds."""

    running: _Server | None = None

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.connection, theirs = socket.socketpair()
        watched, lifeline = os.pipe()
        self.lifeline = os.fdopen(lifeline, "wb")
        given = [theirs.fileno(), watched]
        with theirs:
            self.process = subprocess.Popen(
                # -P: nothing is imported from the folder where the operator happens to stand
                [sys.executable, "-P", "-m", "warehouse.engine.server", *map(str, given)],
                pass_fds=given,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # the operator's Ctrl-C is for the command, which ends this one
            )
        os.close(watched)

    @classmethod
    def get(cls) -> _Server:
        if cls.running is None or cls.running.owner != os.getpid() or cls.running.process.poll() is not None:
            cls.running = _Server()
        return cls.running

    @classmethod
    def stop(cls) -> None:
        """End it and what it forked, and wait for that; the next build starts another."""
        server, cls.running = cls.running, None
        if server and server.owner == os.getpid():
            server.connection.close()
            server.lifeline.close()
            server.process.wait()

    def status(self) -> int:
        """How the fork ended, or the server that is gone."""
        said = b""
        with suppress(ConnectionResetError):  # it went before it read all
            said = self.connection.recv(STATUS.size, socket.MSG_WAITALL)
        return int(STATUS.unpack(said)[0]) if len(said) == STATUS.size else self.process.wait()


atexit.register(_Server.stop)


def stop() -> None:
    """End the dbt process of this one; the next build starts another."""
    with _one_at_a_time:
        _Server.stop()


def attempt(
    settings: Settings,
    project: tuple[Path, Path],
    request: Request,
    count: Callable[[int], None] | None = None,
) -> Attempt:
    """Build in a fresh process; ``count`` hears of every finished node how many the project has.

    Hold the writer's lock around it. ``project`` is where models and seeds lie. Raises ``Refused`` when dbt
    cannot run at all.
    """
    found = Attempt()
    is_done = False
    with _one_at_a_time:
        server = _Server.get()
        total = 0
        try:
            for line in _told(server, settings, project, request):
                if "nodes" in line:
                    total = line["nodes"]
                elif "began" in line:
                    found.running[line["began"]] = line["name"]
                elif "refused" in line:
                    found.crash = _engine_error(line, found)
                    is_done = True
                elif "is_done" in line:
                    is_done = True
                else:
                    is_new = line["unique_id"] not in found.results
                    found.results[line["unique_id"]] = NodeResult(**line)
                    found.running.pop(line["unique_id"], None)
                    if is_new and count:
                        count(total)
            status = server.status()
        except BaseException:
            _Server.stop()
            raise
    if not is_done:
        found.crash = _crash(settings, status)
    return found


def _told(
    server: _Server, settings: Settings, project: tuple[Path, Path], request: Request
) -> Iterator[dict[str, Any]]:
    """Send the request, with the writer's lock, and give the lines that come back until its process ends."""
    content = {
        "home": str(settings.home),
        "control_url": settings.control_url,
        "project": str(project[0]),
        "seeds": str(project[1]),
        "environment": dict(os.environ),
        **asdict(request),
    }
    lock = lock_descriptor(settings)
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as lines:
        try:
            with tempfile.TemporaryFile("w+", encoding="utf-8") as asked:
                json.dump(content, asked)
                asked.seek(0)
                passed = [asked.fileno(), writing, *([] if lock is None else [lock])]
                socket.send_fds(server.connection, [b"?"], passed)
        finally:
            os.close(writing)
        for line in lines:
            yield json.loads(line)


def _engine_error(line: dict[str, Any], found: Attempt) -> str:
    """dbt as a whole failed: by the engine while nodes were running, else for a reason that is refused."""
    zh, en = line["refused"]
    if is_engine_error(en) and found.faults():
        return ""  # what followed from the fault of a node
    if is_engine_error(en) and found.running:
        return kind_of(en)
    raise (Busy if line["is_busy"] else Refused)(zh, en)


def _crash(settings: Settings, status: int) -> str:
    """The name of the signal that the engine died of; any other end is refused."""
    if -status in CRASHES:
        return signal.Signals(-status).name
    if status == KILLED:
        raise Refused(
            "建库的进程被系统终止（多为内存不足），当前数据版本保持不变。请释放内存后重新建库。",
            "The build's process was killed, mostly for lack of memory; the served release stays. "
            "Free some memory and build again.",
        )
    raise Refused(
        f"建库的进程意外结束（{status}），当前数据版本保持不变。原因见上文与 {settings.logs / 'dbt.log'}。",
        f"The build's process ended unexpectedly ({status}); the served release stays. "
        f"See above and {settings.logs / 'dbt.log'}.",
    )
