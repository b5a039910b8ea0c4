"""The process that runs dbt, so that an engine that crashes takes no command and no Dagster run along.

It imports dbt and parses the project once and forks for each request: a fork never opened the database, so
each is a fresh process, and none waits for imports. Started by :mod:`warehouse.engine.attempt`; it ends
with the process that started it, and so does what it forked.
"""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import sys
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from warehouse.settings import Settings

STATUS = struct.Struct("i")
MOST_DESCRIPTORS = 3
QUIET_TRACKER = (
    "ignore:resource_tracker:UserWarning"  # it removes what a crashed fork left, and would tell of it
)
KINDS = ("seed", "model", "test")


def main() -> None:
    """Serve one request after another until the other end of the socket is closed."""
    from dbt.cli import main as _dbt  # noqa: F401  loaded before the first request comes

    connection = socket.socket(fileno=int(sys.argv[1]))
    while True:
        message, descriptors, _, _ = socket.recv_fds(connection, 1, MOST_DESCRIPTORS)
        if not message:
            return
        status = _serve(connection, *descriptors)
        try:
            connection.sendall(STATUS.pack(status))
        except BrokenPipeError:
            return


def _serve(connection: socket.socket, asked: int, told: int, *locks: int) -> int:
    """Fork for a request; gives how the fork ended, a signal as a negative number.

    ``locks`` is the writer's lock: the fork keeps it while it lives, whatever becomes of who asked.
    """
    with os.fdopen(asked, encoding="utf-8") as stream:
        request = json.load(stream)
    _parse(request)
    pid = os.fork()
    if pid == 0:
        _end_with(connection)
        _run(request, told)
        sys.exit()
    for descriptor in (told, *locks):
        os.close(descriptor)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _parse(request: dict[str, Any]) -> None:
    """Parse in the parent, for the forks to come. What is wrong with the project is told by the fork."""
    from warehouse import transform
    from warehouse.texts import Refused

    os.environ.clear()
    os.environ.update(request["environment"])
    os.environ["PYTHONWARNINGS"] = QUIET_TRACKER
    transform.use_project(Path(request["project"]), Path(request["seeds"]))
    try:
        transform.load_manifest(_settings(request))
    except Refused:
        return


def _settings(request: dict[str, Any]) -> Settings:
    return Settings(Path(request["home"]), request["control_url"])


def _end_with(connection: socket.socket) -> None:
    """End this process when the one that asked is gone: nobody would hear of its results."""

    def watch() -> None:
        poll = select.poll()
        poll.register(connection, 0)
        poll.poll()
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _run(request: dict[str, Any], told: int) -> None:
    """Build what is asked for and tell of each node as it begins and ends, a line of JSON each."""
    from warehouse import transform
    from warehouse.texts import Busy, Refused

    settings = _settings(request)
    lock = Lock()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with os.fdopen(told, "w", encoding="utf-8") as stream:

        def tell(**content: Any) -> None:
            with lock:
                stream.write(json.dumps(content, ensure_ascii=False, default=str) + "\n")
                stream.flush()

        try:
            manifest = transform.load_manifest(settings)
            tell(nodes=len(manifest.nodes))
            transform.drop_outdated(settings, manifest)
            os.environ["YIBAO_OPTIMIZER"] = "true" if request["is_optimised"] else "false"
            with transform.dbt_environment(settings):
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
            tell(refused=list(refusal.text), is_busy=isinstance(refusal, Busy))


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
