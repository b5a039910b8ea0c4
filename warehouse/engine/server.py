"""The process that runs dbt, so that an engine that crashes takes no command and no Dagster run along.

It imports dbt and parses the project once and forks for each request: a fork never opened the database, so
each is a fresh process, and none waits for imports. A fork never parses: dbt's parser is a library of
threads, and of these a fork has none. Started by :mod:`warehouse.engine.attempt`; it ends with the process
that started it, and so does what it forked.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from warehouse.settings import Settings
from warehouse.texts import Busy, Refused

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

STATUS = struct.Struct("i")
MOST_DESCRIPTORS = 3
QUIET_TRACKER = (
    "ignore:resource_tracker:UserWarning"  # it removes what a crashed fork left, and would tell of it
)
KINDS = ("seed", "model", "test")


def main() -> None:
    """Serve one request after another until the other end of the socket is closed."""
    connection, lifeline = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    _end_with(lifeline)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is wrong is told, once and by who asked
    from dbt.cli import main as _dbt  # noqa: F401  loaded before the first request comes

    while True:
        message, descriptors, _, _ = socket.recv_fds(connection, 1, MOST_DESCRIPTORS)
        if not message:
            return
        status = _serve(lifeline, *descriptors)
        try:
            connection.sendall(STATUS.pack(status))
        except BrokenPipeError:
            return


def _serve(lifeline: int, asked: int, told: int, *locks: int) -> int:
    """Fork for a request; gives how the fork ended, a signal as a negative number.

    ``locks`` is the writer's lock: the fork keeps it while it lives, whatever becomes of who asked.
    """
    with os.fdopen(asked, encoding="utf-8") as stream:
        request = json.load(stream)
    from warehouse.connections import full_disk_refused

    try:
        with full_disk_refused(_settings(request)):
            manifest = _parse(request)
    except Refused as refusal:
        with os.fdopen(told, "w", encoding="utf-8") as stream:
            stream.write(_line(**_refusal(refusal)))
        for descriptor in locks:
            os.close(descriptor)
        return 0
    pid = os.fork()
    if pid == 0:
        _end_with(lifeline)
        _run(request, manifest, told)
        sys.exit()
    for descriptor in (told, *locks):
        os.close(descriptor)
    _, status = os.waitpid(pid, 0)
    _end_with(lifeline)
    return os.waitstatus_to_exitcode(status)


def _parse(request: dict[str, Any]) -> Manifest:
    """Parse in the parent, for the forks to come."""
    from warehouse import transform

    os.environ.clear()
    os.environ.update(request["environment"])
    os.environ["PYTHONWARNINGS"] = QUIET_TRACKER
    transform.use_project(Path(request["project"]), Path(request["seeds"]))
    return transform.load_manifest(_settings(request))


def _line(**content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, default=str) + "\n"


def _refusal(refusal: Refused) -> dict[str, Any]:
    return {"refused": list(refusal.text), "is_busy": isinstance(refusal, Busy)}


def _settings(request: dict[str, Any]) -> Settings:
    return Settings(Path(request["home"]), request["control_url"])


def _end_with(lifeline: int) -> None:
    """Let the kernel end this process when the one that asked is gone: nobody would hear of its results.

    The other end of this pipe is closed then, however that process ended. No thread could watch for it while
    a library keeps Python's lock. A pipe has one owner to be told: the fork while there is one.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    poll = select.poll()
    poll.register(lifeline, 0)
    if poll.poll(0):  # it was gone before
        os._exit(1)


def _run(request: dict[str, Any], manifest: Manifest, told: int) -> None:
    """Build what is asked for and tell of each node as it begins and ends, a line of JSON each."""
    from warehouse import transform
    from warehouse.connections import full_disk_refused

    settings = _settings(request)
    lock = Lock()
    with os.fdopen(told, "w", encoding="utf-8") as stream:

        def tell(**content: Any) -> None:
            with lock:
                stream.write(_line(**content))
                stream.flush()

        try:
            tell(nodes=len(manifest.nodes))
            transform.drop_outdated(settings, manifest)
            os.environ["YIBAO_OPTIMIZER"] = "true" if request["is_optimised"] else "false"
            with full_disk_refused(settings), transform.dbt_environment(settings):
                names = _names(request, manifest, transform.invoke_dbt)
                if names is None or names:
                    arguments = ["build", *transform.QUIETLY, "--no-write-json"]
                    arguments += ["--exclude-resource-type", "unit_test"]
                    if names is not None:
                        arguments += ["--indirect-selection", "empty", "--select", " ".join(names)]
                    elif request["select"]:
                        arguments += ["--indirect-selection", "buildable", "--select", request["select"]]
                    _tell_all(tell, transform.invoke_dbt(arguments, manifest, _listener(tell)))
            tell(is_done=True)
        except Refused as refusal:
            tell(**_refusal(refusal))


def _names(request: dict[str, Any], manifest: Any, invoke_dbt: Any) -> list[str] | None:
    """Which nodes exactly: the named ones, or those of the selection without those that are done."""
    if request["only"]:
        return list(request["only"])
    if not request["done"]:
        return None
    arguments = ["list", "--quiet", "--output", "json", "--output-keys", "name"]
    arguments += ["--exclude-resource-type", "unit_test"]
    arguments += (
        ["--indirect-selection", "buildable", "--select", request["select"]] if request["select"] else []
    )
    listed = [json.loads(line) for line in invoke_dbt(arguments, manifest)]
    done = set(request["done"])
    known = {each.name for each in manifest.nodes.values() if str(each.resource_type) in KINDS}
    return sorted(each["name"] for each in listed if each["name"] in known - done)


def _listener(tell: Any) -> Any:
    """A dbt callback for the beginning and the end of each node."""

    def listen(event: Any) -> None:
        if event.info.name == "NodeStart" and event.data.node_info.resource_type in KINDS:
            tell(began=event.data.node_info.unique_id, name=event.data.node_info.node_name)
        elif event.info.name == "NodeFinished" and event.data.node_info.resource_type in KINDS:
            info, result = event.data.node_info, event.data.run_result
            tell(
                unique_id=info.unique_id,
                name=info.node_name,
                resource_type=info.resource_type,
                schema=info.node_relation.schema,
                status=result.status,
                message=result.message,
                failures=result.num_failures,
                execution_time=result.execution_time,
            )

    return listen


def _tell_all(tell: Any, outcome: Any) -> None:
    for each in outcome:
        node = each.node
        if str(node.resource_type) not in KINDS:
            continue
        tell(
            unique_id=node.unique_id,
            name=node.name,
            resource_type=str(node.resource_type),
            schema=node.schema,
            status=str(each.status),
            message=each.message or "",
            failures=each.failures or 0,
            execution_time=each.execution_time,
            **_moments(each),
        )


def _moments(result: Any) -> dict[str, float]:
    for step in result.timing:
        if step.name == "execute" and step.started_at and step.completed_at:
            return {"began": step.started_at.timestamp(), "ended": step.completed_at.timestamp()}
    return {}


if __name__ == "__main__":
    main()
