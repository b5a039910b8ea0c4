"""Starting the pages and Dagster, waiting until they answer, and stopping every process again."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import yaml

from warehouse.control.actor import SYSTEM, VARIABLE
from warehouse.home import PRIVATE
from warehouse.release.pointer import served
from warehouse.release.seal import seal_all
from warehouse.settings import PROJECT_ROOT, Settings
from warehouse.texts import Refused, Text

HOST = "127.0.0.1"
PAGES = "pages"
START_SECONDS = 120
STOP_SECONDS = 8
AS_ROOT = Text(
    "正以 root 运行：查询会换成无权限的用户执行，但最好为本服务建一个自己的账户。",
    "Run by root: queries step down to a user without rights, but an account of its own is better for the service.",
)


@dataclass
class Service:
    """One child process in a group of its own; ``address`` is a port, a socket's path, or None for neither.

    ``is_first`` is up before the others start.
    """

    name: str
    command: list[str]
    address: int | Path | None
    log: Path
    is_first: bool = False
    process: subprocess.Popen[bytes] | None = None


def serve(settings: Settings, port: int, dagster_port: int | None, say: Callable[[Text], None]) -> None:
    """Serve until interrupted; raises ``Refused`` when a port is taken or a service does not start."""
    release = served(settings)
    seal_all(settings)
    if os.geteuid() == 0:
        say(AS_ROOT)
    sockets = Path(tempfile.mkdtemp(prefix="yibao-"))  # a socket's path must be short
    services = _services(settings, port, dagster_port, sockets)
    signal.signal(signal.SIGINT, _interrupt)  # a shell that starts us in the background ignores it
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        for service in services:
            if isinstance(service.address, int):
                _require_free(service.address)
        say(Text("正在启动服务…", "starting the services…"))
        for is_first in (True, False):
            group = [service for service in services if service.is_first is is_first]
            for service in group:
                _start(service, settings)
            for service in group:
                _await(service)
        say(Text(f"正在服务数据版本 {release.release_id}", f"serving release {release.release_id}"))
        say(Text(f"页面      http://{HOST}:{port}", f"pages    http://{HOST}:{port}"))
        if dagster_port is not None:
            say(Text(f"Dagster   http://{HOST}:{dagster_port}", f"Dagster  http://{HOST}:{dagster_port}"))
        say(Text("按 Ctrl-C 停止全部进程", "press Ctrl-C to stop every process"))
        _watch(services)
    except KeyboardInterrupt:
        say(Text("正在停止…", "stopping…"))
    finally:
        _stop(services)
        shutil.rmtree(sockets, ignore_errors=True)
    say(Text("全部进程已停止", "every process has stopped"))


def _services(settings: Settings, port: int, dagster_port: int | None, sockets: Path) -> list[Service]:
    """The pages; Dagster's webserver, its daemon, and the one process that holds the definitions for both.

    With ``-m`` either would keep a process of its own for the definitions, and the daemon a new one each minute.
    """
    python = sys.executable
    pages = [python, "-m", "dashboards.server", str(port)]
    services = [Service(PAGES, pages, port, settings.logs / "pages.log", is_first=True)]
    if dagster_port is not None:
        code = sockets / "code"
        hold = [python, "-m", "dagster", "api", "grpc", "-m", "orchestration.definitions", "-s", str(code)]
        workspace = str(_workspace(sockets, code))
        web = [python, "-m", "orchestration.webserver", workspace, str(dagster_port)]
        daemon = [python, "-m", "dagster._daemon", "run", "-w", workspace]
        services += [
            Service("dagster-code", hold, code, settings.logs / "dagster-code.log", is_first=True),
            Service("dagster", web, dagster_port, settings.logs / "dagster.log"),
            Service("dagster-daemon", daemon, None, settings.logs / "dagster-daemon.log"),
        ]
    return services


def _workspace(sockets: Path, code: Path) -> Path:
    """Where the definitions are asked for; sensors keep their cursors under the name of the location."""
    path = sockets / "workspace.yaml"
    server = {"socket": str(code), "location_name": "yibao"}
    path.write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}), encoding="utf-8")
    return path


def _start(service: Service, settings: Settings) -> None:
    environment = os.environ | {
        "YIBAO_HOME": str(settings.home),
        "DAGSTER_HOME": str(settings.dagster_home),
        "PYTHONPATH": str(PROJECT_ROOT),
        "DO_NOT_TRACK": "1",
        VARIABLE: "" if service.name == PAGES else SYSTEM,  # pages decide as who is logged in
    }
    with service.log.open("wb") as log:
        service.process = subprocess.Popen(
            service.command,
            cwd=PROJECT_ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=PRIVATE,  # logs and the storage of runs are the owner's alone
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )


def _end_with_parent() -> None:
    """Ask the kernel for SIGTERM when the supervisor dies, however it dies (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _await(service: Service) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        _require_alive(service)
        if service.address is None or _answers(service.address):
            return
        time.sleep(0.2)
    raise Refused(
        f"{service.name} 在 {START_SECONDS} 秒内没有启动，日志见 {service.log}。",
        f"{service.name} did not start within {START_SECONDS} seconds; its log is {service.log}.",
    )


def _watch(services: list[Service]) -> None:
    while True:
        for service in services:
            _require_alive(service)
        time.sleep(1)


def _require_alive(service: Service) -> None:
    if service.process is not None and service.process.poll() is not None:
        raise Refused(
            f"{service.name} 已退出（代码 {service.process.returncode}），日志见 {service.log}。",
            f"{service.name} ended with code {service.process.returncode}; its log is {service.log}.",
        )


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise Refused(
                f"端口 {port} 已被占用；请停止占用它的程序，或用 --port / --dagster-port 换一个。",
                f"Port {port} is taken; stop what uses it or choose another with --port or --dagster-port.",
            ) from error


def _answers(address: int | Path) -> bool:
    family = socket.AF_INET if isinstance(address, int) else socket.AF_UNIX
    with socket.socket(family) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, address) if isinstance(address, int) else str(address)) == 0


def _stop(services: list[Service]) -> None:
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        for service in services:
            if service.process is not None:
                _signal_group(service.process.pid, signal_number)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(_is_group_alive(each) for each in services):
            time.sleep(0.1)


def _is_group_alive(service: Service) -> bool:
    if service.process is None:
        return False
    service.process.poll()
    return _signal_group(service.process.pid, 0)


def _signal_group(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
