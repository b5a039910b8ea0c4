"""Dagster's pages behind the guard of ours: ``python -m orchestration.webserver WORKSPACE PORT``.

Its own webserver answers whoever reaches the port. Here an operator's session is asked for, reading and changing
are kept apart, only the changes listed below are made, and each is an entry of the audit under the operator's name.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import uvicorn
import yaml
from dagster import DagsterInstance, __version__
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.webserver import DagsterWebserver
from graphene import Schema
from graphql import GraphQLError, GraphQLResolveInfo
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from dashboards import guard, login_page
from dashboards.services.visitors import Visitor
from orchestration.lib.acting import ACTOR_TAG, CHANNEL, OWN_TAGS
from warehouse.control.actor import OPERATOR, Actor, acting_as
from warehouse.control.audit import append
from warehouse.control.scopes import PROVINCE
from warehouse.control.session import deciding
from warehouse.settings import Settings, load_settings
from warehouse.texts import Refused, Text

HOST = "127.0.0.1"
HOSTS_VARIABLE = "YIBAO_DAGSTER_HOSTS"
GRAPHQL = "/graphql"
POLL_MILLISECONDS = 2000
STATEMENT_MILLISECONDS = 15_000
TOLD = 1_000
POLICY = (
    "connect-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; media-src 'self'; frame-src 'none'; "
    "worker-src 'self' blob:; manifest-src 'self'; " + guard.CLOSED
)
LAUNCHES = frozenset({"launchPipelineExecution", "launchRun", "launchMultipleRuns"})
AGAIN = frozenset({"launchPipelineReexecution", "launchRunReexecution"})
SWITCHES = frozenset(
    {"startSensor", "stopSensor", "resetSensor", "startSchedule", "stopRunningSchedule", "resetSchedule"}
)
ENDS = frozenset({"terminatePipelineExecution", "terminateRun", "terminateRuns", "cancelPartitionBackfill"})
SIGNED = LAUNCHES | AGAIN | {"launchPartitionBackfill"}
ALLOWED = SIGNED | SWITCHES | ENDS
ENVIRONMENT, CONFIG = "env", "runConfigData"
NAMED_BY = (
    "sensorName",
    "scheduleName",
    "jobName",
    "pipelineName",
    "runId",
    "parentRunId",
    "backfillId",
    "id",
)
OPERATORS_ONLY = Text(
    "Dagster 只给全省范围的运维账户看。请先在页面上以运维账户登录，再打开本页。",
    "Dagster is for operators of the whole province only. Log in on the pages as one, then open this page again.",
)
OTHER_NAME = Text(
    f"Dagster 只以 127.0.0.1 打开；经代理发布时，把所用的主机名写进环境变量 {HOSTS_VARIABLE}。",
    f"Dagster opens as 127.0.0.1 only; behind a proxy, name its host in the variable {HOSTS_VARIABLE}.",
)
NOT_HERE = Text("这里不受理这样的请求。", "Such a request is not taken here.")


def door(connection: HTTPConnection) -> Response | Visitor:
    """Operators only; what reads is a GET, what asks or changes is JSON sent to one address."""
    allowed = guard.LOOPBACK | {name for name in os.environ.get(HOSTS_VARIABLE, "").split(",") if name}
    if connection.url.hostname not in allowed:
        return guard.page(login_page.notice(OTHER_NAME), 403)
    found = guard.known_visitor(connection)
    if isinstance(found, Response):
        return found if found.status_code >= 400 else guard.page(login_page.notice(OPERATORS_ONLY), 403)
    if found.role != OPERATOR or found.scope != PROVINCE:
        return guard.page(login_page.notice(OPERATORS_ONLY), 403)
    if connection.scope["type"] == "http" and not _is_taken(connection):
        return guard.page(login_page.notice(NOT_HERE), 405)
    return found


def _is_taken(connection: HTTPConnection) -> bool:
    path, method = connection.url.path, connection.scope["method"]
    if path.rstrip("/") == GRAPHQL:
        kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
        return method == "POST" and kind == "application/json"
    return method in guard.READING and ".." not in path


class GuardedWebserver(DagsterWebserver[WorkspaceProcessContext, Any]):
    """Dagster's webserver with a short list of changes, each written down."""

    def build_graphql_schema(self) -> Schema:
        schema = super().build_graphql_schema()
        mutations = schema.graphql_schema.mutation_type
        assert mutations is not None
        for name, field in mutations.fields.items():
            field.resolve = partial(_change, name, field.resolve)
        return schema

    def handle_graphql_errors(self, errors: Sequence[GraphQLError]) -> list[Any]:
        """What went wrong, without the machine's files and lines."""
        return [error.formatted for error in errors]

    def build_routes(self) -> list[BaseRoute]:
        """Its routes without those that take events from outside or read a notebook."""
        kept = (Route, WebSocketRoute, Mount)
        closed = ("/report_asset", "/notebook", "/dagit")
        return [
            each
            for each in super().build_routes()
            if isinstance(each, kept) and not each.path.startswith(closed)
        ]


def _change(
    name: str, make: Callable[..., Any] | None, root: Any, info: GraphQLResolveInfo, **arguments: Any
) -> Any:
    """Make one change as the operator who asks for it, once it stands in the audit."""
    if name not in ALLOWED or make is None:
        raise GraphQLError(f"{name}：此项操作没有开放 / this is not open here")
    _refuse_environment(arguments, set())
    visitor: Visitor = info.context.source.scope[guard.VISITOR]
    actor = Actor(visitor.name, CHANNEL)
    _sign(name, arguments, visitor.name)
    try:
        _write_down(load_settings(), actor, name, _subject(arguments, info.context.instance), arguments)
    except Refused as refused:
        raise GraphQLError(str(refused.text)) from refused
    with acting_as(actor):
        return make(root, info, **arguments)


def _refuse_environment(value: object, seen: set[int]) -> None:
    """Dagster puts the value of a variable where a run's config says ``{env: NAME}``: passwords stand in some, and what
    a run does not accept is told in its message."""
    if not isinstance(value, (Mapping, list)) or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Mapping) and ENVIRONMENT in value:
        raise GraphQLError(
            "运行参数不得取环境变量 / a run's config may not name variables of the environment"
        )
    if isinstance(value, Mapping) and isinstance(value.get(CONFIG), str):
        _refuse_environment(_parsed(value[CONFIG]), seen)
    for inner in value.values() if isinstance(value, Mapping) else value:
        _refuse_environment(inner, seen)


def _parsed(config: str) -> object:
    """A run's config that was sent as text, as Dagster will read it."""
    try:
        return yaml.safe_load(config)
    except yaml.YAMLError as error:
        raise GraphQLError("运行参数不是 YAML / the run's config is no YAML") from error


def _sign(name: str, arguments: dict[str, Any], actor: str) -> None:
    """Put the operator's name on every run that is asked for, and nobody else's."""
    several = arguments.get("executionParamsList") or []
    asked = [each for each in (*several, arguments.get("executionParams")) if each is not None]
    for each in asked:
        metadata = each.get("executionMetadata") or {}
        metadata["tags"] = _signed(metadata.get("tags"), actor)
        each["executionMetadata"] = metadata
    for key, tags in (("reexecutionParams", "extraTags"), ("backfillParams", "tags")):
        each = arguments.get(key)
        if each is not None:
            each[tags] = _signed(each.get(tags), actor)
            asked.append(each)
    if name in SIGNED and not asked:
        raise GraphQLError(f"{name}：没有说明运行什么 / it is not said what to run")


def _signed(tags: Iterable[Mapping[str, str]] | None, actor: str) -> list[dict[str, str]]:
    own = [dict(each) for each in tags or [] if not each["key"].startswith(OWN_TAGS)]
    return [*own, {"key": ACTOR_TAG, "value": actor}]


def _write_down(
    settings: Settings, actor: Actor, name: str, subject: str, arguments: Mapping[str, Any]
) -> None:
    told = json.dumps(arguments, ensure_ascii=False, sort_keys=True, default=str)
    with deciding(settings) as session:
        append(session, actor, f"dagster.{name}", subject, arguments=told[:TOLD])


def _subject(arguments: Mapping[str, Any], instance: DagsterInstance) -> str:
    """What the change is about: the first name among the arguments, however deep; of a sensor's id, its name."""
    found = dict(_names(arguments))
    subject = next((found[key] for key in NAMED_BY if key in found), "-")
    origin, is_switch, selector = subject.partition("::")
    state = instance.get_instigator_state(origin, selector) if is_switch else None
    return state.instigator_name if state else subject


def _names(value: object) -> Iterable[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, str):
                yield str(key), inner
            else:
                yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)


def serve(workspace: str, port: int) -> None:
    """Answer on this port of the machine itself until stopped."""
    with DagsterInstance.get() as instance:
        instance.optimize_for_webserver(STATEMENT_MILLISECONDS, 3600, 20)
        target = WorkspaceFileTarget(paths=[workspace])
        with WorkspaceProcessContext(instance, version=__version__, workspace_load_target=target) as process:
            pages = GuardedWebserver(process, "", POLL_MILLISECONDS).create_asgi_app()
            guarded = guard.Guard(pages, door, POLICY)
            uvicorn.run(guarded, host=HOST, port=port, log_level="warning", server_header=False)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
