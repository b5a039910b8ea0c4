"""Files of others are read apart: in a process of their own, with limits of memory and time.

A file that was damaged on its way, or made for it, brings a reader in a compiled language to abort, to take all
memory or to go on for ever, and the process that it runs in with it. So workbooks, Parquet files and archives are
read in a child, which hands over what it found. Whatever becomes of the child costs that file only.

One server a process is started when it is first needed. It has the readers imported and no thread, so that a child
is forked from it in milliseconds; it reads nothing itself.
"""

from __future__ import annotations

import atexit
import errno
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from warehouse.connections import is_disk_full
from warehouse.texts import Refused, Text

READERS = (
    "duckdb",
    "pandas",  # pyarrow asks for it at the first array, which takes a second
    "warehouse.ingest.parquet",
    "warehouse.ingest.workbook",
    "warehouse.ingest.incoming",
)
MEMORY_BYTES = 4 * 2**30
SECONDS, SECONDS_A_MB = 60.0, 4.0
LONGEST_SECONDS = 1800.0
SECRETS = "YIBAO_"  # addresses of databases: a reader of files needs none
MEMORY_MARKS = ("MemoryError", "OutOfMemoryException", "OutOfMemory")
P = ParamSpec("P")
T = TypeVar("T")


class ReaderEnded(Exception):
    """What ended a reader, by its ``kind``; the text may quote what a file holds."""

    def __init__(self, kind: str, told: str = "") -> None:
        super().__init__(told or kind)
        self.kind = kind


@dataclass(frozen=True)
class _Request:
    task: Callable[..., Any]
    arguments: tuple[Any, ...]
    seconds: float
    memory: int


class _Server:
    """The process that forks a child for each file; ``None`` until it is needed."""

    def __init__(self) -> None:
        self.channel, other = Pipe()
        environment = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
        environment |= {"ARROW_DEFAULT_MEMORY_POOL": "system"}
        language = os.environ.get("YIBAO_LANG")
        environment |= {"YIBAO_LANG": language} if language else {}
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-c",
                f"from warehouse.ingest.apart import serve; serve({other.fileno()})",
            ],
            pass_fds=[other.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # an interrupt from the keyboard is the parent's to handle
        )
        self.owner = os.getpid()
        other.close()

    def end(self) -> None:
        self.channel.close()
        if self.owner == os.getpid():
            self.process.wait()


_server: _Server | None = None
_turn = threading.Lock()


def read_apart(name: str, size: int, task: Callable[P, T], *arguments: P.args, **_: P.kwargs) -> T:
    """What ``task`` finds in the file ``name`` of ``size`` bytes, in a child of its own.

    ``task`` is a function of a module, its arguments and result can be pickled. ``Refused`` of the task is raised
    here; ``ReaderEnded`` when the child crashed, exceeded a limit or met an unforeseen error.
    """
    seconds = min(LONGEST_SECONDS, SECONDS + SECONDS_A_MB * size / 2**20)
    kind, value = _ask(_Request(task, arguments, seconds, MEMORY_BYTES))
    if kind == "value":
        return cast(T, value)
    if kind == "refused":
        raise cast(Refused, value)
    if kind == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
    if kind == "error":
        raise ReaderEnded(*value)
    raise ReaderEnded(cast(str, value))


def why(ended: ReaderEnded) -> Text:
    """What ended a reader, in words."""
    if ended.kind == "timeout":
        return Text("读取超过了时限", "reading it took longer than is allowed")
    if ended.kind.endswith(MEMORY_MARKS) or ended.kind == signal.SIGKILL.name:
        return Text("读取所需的内存超过了限度", "reading it takes more memory than is allowed")
    if ended.kind.startswith("SIG"):
        return Text(f"读取程序崩溃（{ended.kind}）", f"its reader crashed ({ended.kind})")
    return Text(f"读取出错（{ended.kind}）", f"reading it met an error ({ended.kind})")


def _ask(request: _Request) -> tuple[str, Any]:
    global _server
    with _turn:
        if _server is None or _server.owner != os.getpid() or _server.process.poll() is not None:
            _server = _Server()
        try:
            _server.channel.send(request)
            answer: tuple[str, Any] = pickle.loads(_server.channel.recv_bytes())
        except EOFError:
            end()
            return "ended", "reader"
        except BaseException:
            end()  # an answer that is not waited for any more must not be taken for the next one
            raise
        return answer


def end() -> None:
    """End the server, if there is one; the next file starts another."""
    global _server
    if _server is not None:
        _server.end()
        _server = None


atexit.register(end)


def serve(descriptor: int) -> None:
    """The server's loop: a child for each request, until the parent is gone."""
    for module in READERS:
        import_module(module)
    import_module("warehouse.ingest.recognise").know_feeds()
    channel = Connection(descriptor)
    with suppress(EOFError, OSError):
        while True:
            channel.send_bytes(_in_child(channel.recv(), channel))


def _in_child(request: _Request, channel: Connection) -> bytes:
    """The pickled answer of a child, or how it ended."""
    answers, answered = Pipe(duplex=False)
    child = os.fork()
    if not child:
        channel.close()
        answers.close()
        _be_child(request, answered)
    answered.close()
    ready = wait([answers, channel], timeout=request.seconds)
    answer = b""
    if answers in ready:
        with suppress(EOFError):
            answer = answers.recv_bytes()
    else:
        os.kill(child, signal.SIGKILL)
    answers.close()
    _, status = os.waitpid(child, 0)
    if channel in ready and answers not in ready:
        raise EOFError
    if not ready:
        return pickle.dumps(("ended", "timeout"))
    if answer:
        return answer
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return pickle.dumps(
        ("ended", signal.Signals(number).name if number else f"exit {os.WEXITSTATUS(status)}")
    )


def _be_child(request: _Request, answered: Connection) -> None:
    """Do what was asked, say it and end; never returns."""
    try:
        _limit(request)
        answered.send_bytes(pickle.dumps(("value", request.task(*request.arguments))))
    except Refused as refusal:
        answered.send_bytes(pickle.dumps(("refused", refusal)))
    except BaseException as error:
        answered.send_bytes(pickle.dumps(_told(error)))
        raise
    finally:
        os._exit(1)


def _told(error: BaseException) -> tuple[str, Any]:
    if is_disk_full(error):
        return "full", ""
    kind = f"{type(error).__module__.lstrip('_')}.{type(error).__qualname__}".removeprefix("builtins.")
    return "error", (kind, "" if isinstance(error, MemoryError) else traceback.format_exc())


def _limit(request: _Request) -> None:
    """What the child may take beyond what it has from the server."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    space = pages * resource.getpagesize() + request.memory
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    processor = int(request.seconds * (os.cpu_count() or 1)) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold personal data
