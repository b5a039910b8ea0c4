"""Dagster attacked without a session, from another site, by GET, past the list of changes, out of the inbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest
from break_in import tried
from graphql import GraphQLError
from served_pages import UPGRADE, Browser, free_port, served
from websockets.sync.client import connect

from dashboards.services.visitors import COOKIE
from orchestration import webserver
from orchestration.defs.maintenance.months import CLOSED
from orchestration.lib.acting import ACTOR_TAG, acting_for
from orchestration.lib.assemble import assemble
from orchestration.lib.names import BUILD_JOB, CLOSE_JOB
from warehouse.control.accounts import add_account, lock_account
from warehouse.control.actor import current_actor
from warehouse.control.audit import Filter, entries
from warehouse.control.login import authenticate, change_password
from warehouse.home import init_home
from warehouse.settings import Settings, load_settings

WORD, NEW_WORD = "Right-Horse-42", "Other-Horse-43"
SENSOR = '{repositoryName: "__repository__", repositoryLocationName: "yibao", sensorName: "inbox"}'
STOP = 'mutation { stopSensor(id: "inbox-of-yibao") { __typename } }'
START = f"mutation {{ startSensor(sensorSelector: {SENSOR}) {{ __typename }} }}"
READ = "{ version }"


@dataclass
class Place:
    """A served Dagster and a browser per account."""

    settings: Settings
    port: int
    tokens: dict[str, str]

    def browser(self, name: str = "admin") -> Browser:
        return Browser(self.port, self.tokens.get(name, ""))

    def ask(self, name: str, query: str, **headers: str) -> Any:
        sent = {"Origin": f"http://127.0.0.1:{self.port}", "Content-Type": "application/json"}
        return self.browser(name).ask("POST", "/graphql", json.dumps({"query": query}), sent | headers)

    def changes(self) -> int:
        return len(entries(self.settings, Filter(action="dagster."), 999))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("dagster")
    settings = load_settings(folder / "home")
    init_home(settings)
    tokens = {}
    with pytest.MonkeyPatch.context() as patch:
        accounts = {
            "admin": ("operator", "province"),
            "leader": ("leader", "province"),
            "statistician": ("statistician", "province"),
            "county": ("operator", "460100"),
            "leaving": ("operator", "province"),
        }
        for name, (role, scope) in accounts.items():
            add_account(settings, name, role, scope, WORD)
            patch.setenv("YIBAO_ACTOR", "admin")
            tokens[name] = change_password(settings, authenticate(settings, name, WORD), WORD, NEW_WORD)
    workspace = folder / "workspace.yaml"
    workspace.write_text("load_from: []\n", encoding="utf-8")
    number = free_port()
    with served(settings.home, "orchestration.webserver", str(workspace), str(number), port=number):
        yield Place(settings, number, tokens)


def test_an_operator_reads_and_changes_under_his_name(place: Place) -> None:
    assert place.browser().get("/").status == 200
    assert json.loads(place.ask("admin", READ).text)["data"]["version"]
    assert "stopSensor" in place.ask("admin", STOP).text  # there is no such sensor, and it was asked for
    newest = entries(place.settings, Filter(), 1)[0]
    assert (newest.actor, newest.channel, newest.action) == ("admin", "dagster", "dagster.stopSensor")
    assert newest.subject == "inbox-of-yibao"


@pytest.mark.parametrize("name", ["nobody", "leader", "statistician", "county"])
def test_others_neither_read_nor_change(place: Place, name: str) -> None:
    before = place.changes()
    for path in ("/", "/runs", "/server_info", "/favicon.png", "/logs/x/y", "/download_debug/x"):
        assert place.browser(name).get(path).status == 403
    for query in (READ, STOP, START):
        assert place.ask(name, query).status == 403
    assert place.browser(name).get("/graphql", **UPGRADE).status == 403
    assert place.changes() == before


BY_GET = (
    "/graphql?query=mutation%7BstopSensor(id:%22x%22)%7B__typename%7D%7D",
    "/graphql?query=%7Bversion%7D",
    "/graphql/?query=%7Bversion%7D",
    "/graphql",
    "/logs/../../../etc/passwd",
    "/logs/%2e%2e/%2e%2e/etc/passwd",
)


@pytest.mark.parametrize("path", BY_GET)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nothing_is_changed_by_a_get(place: Place, path: str, method: str) -> None:
    before = place.changes()
    for accepted in ("text/html", "application/json"):
        got = place.browser().ask(method, path, None, {"Accept": accepted})
        assert got.status in (404, 405)
        assert "root:" not in got.text
    assert place.changes() == before


KINDS = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/graphql",
    "",
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_of_a_browser_is_no_question(place: Place, kind: str) -> None:
    before = place.changes()
    assert place.ask("admin", STOP, **{"Content-Type": kind}).status == 405
    assert place.changes() == before


@pytest.mark.parametrize(
    "origin", ["http://example.org", "null", "http://127.0.0.1:8501", "http://127.0.0.1"]
)
def test_another_site_changes_nothing(place: Place, origin: str) -> None:
    before = place.changes()
    assert place.ask("admin", STOP, Origin=origin).status == 403
    assert place.browser().get("/graphql", Origin=origin, **UPGRADE).status == 403
    assert place.changes() == before


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1.example.org", "192.0.2.1", "example.org:3000"])
def test_another_name_of_the_machine_is_not_answered(place: Place, host: str) -> None:
    assert place.ask("admin", STOP, Host=host, Origin=f"http://{host}").status == 403
    assert place.browser().get("/", Host=host).status == 403


def test_the_socket_only_listens(place: Place) -> None:
    before = place.changes()
    with connect(
        f"ws://127.0.0.1:{place.port}/graphql",
        origin=f"http://127.0.0.1:{place.port}",  # type: ignore[arg-type]
        subprotocols=["graphql-ws"],  # type: ignore[list-item]
        additional_headers={"Cookie": f"{COOKIE}={place.tokens['admin']}"},
    ) as opened:
        opened.send(json.dumps({"type": "connection_init"}))
        assert json.loads(opened.recv(timeout=30))["type"] == "connection_ack"
        for number, query in enumerate((STOP, START)):
            opened.send(json.dumps({"id": str(number), "type": "start", "payload": {"query": query}}))
        answers = [json.loads(opened.recv(timeout=30)) for _ in range(2)]
    assert {each["type"] for each in answers} <= {"error", "data", "complete"}
    assert place.changes() == before


@pytest.mark.parametrize(
    "path", ["/report_asset_materialization/x", "/report_asset_check/x", "/notebook?path=x.ipynb"]
)
def test_events_and_notebooks_from_outside_are_not_taken(place: Place, path: str) -> None:
    sent = {"Origin": f"http://127.0.0.1:{place.port}", "Content-Type": "application/json"}
    assert place.browser().ask("POST", path, "{}", dict(sent)).status == 405
    assert "notebook" not in place.browser().get(path).text.lower().replace("notebooks", "")[:200]


def test_errors_tell_nothing_of_the_machine(place: Place) -> None:
    text = place.ask("admin", 'mutation { deleteRun(runId: "x") { __typename } }').text
    assert "没有开放" in text
    assert "site-packages" not in text


def test_a_lock_counts_at_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert place.ask("leaving", READ).status == 200
    monkeypatch.setenv("YIBAO_ACTOR", "admin")
    lock_account(place.settings, "leaving")
    assert place.ask("leaving", STOP).status == 403


def test_every_change_that_is_not_listed_is_refused() -> None:
    schema = webserver.GuardedWebserver(None, "", 1).build_graphql_schema().graphql_schema  # type: ignore[arg-type]
    assert schema.mutation_type is not None
    fields = schema.mutation_type.fields
    assert fields.keys() >= webserver.ALLOWED
    for name in fields.keys() - webserver.ALLOWED:
        resolve = fields[name].resolve
        assert resolve is not None
        with pytest.raises(GraphQLError, match="没有开放"):
            resolve(None, SimpleNamespace())


@pytest.mark.parametrize(
    ("name", "arguments", "where"),
    [
        ("launchRun", {"executionParams": {}}, ("executionParams", "executionMetadata", "tags")),
        ("launchRunReexecution", {"reexecutionParams": {}}, ("reexecutionParams", "extraTags")),
        ("launchPartitionBackfill", {"backfillParams": {}}, ("backfillParams", "tags")),
    ],
)
def test_a_run_carries_the_name_of_who_asked_and_no_other(
    name: str, arguments: dict[str, Any], where: tuple[str, ...]
) -> None:
    forged = [{"key": ACTOR_TAG, "value": "system"}, {"key": "note", "value": "x"}]
    inner = arguments
    for key in where[:-1]:
        inner = inner.setdefault(key, {})
    inner[where[-1]] = forged
    webserver._sign(name, arguments, "admin")
    assert inner[where[-1]] == [{"key": "note", "value": "x"}, {"key": ACTOR_TAG, "value": "admin"}]
    empty: dict[str, Any] = {where[0]: {}}
    webserver._sign(name, empty, "admin")
    assert ACTOR_TAG in json.dumps(empty)


@pytest.mark.parametrize("name", sorted(webserver.SIGNED))
def test_a_run_that_cannot_be_signed_is_refused(name: str) -> None:
    with pytest.raises(GraphQLError):
        webserver._sign(name, {"somethingElse": {}}, "admin")


@pytest.mark.parametrize(
    "config",
    [
        {"ops": {"ingest": {"config": {"paths": [{"env": "YIBAO_SOURCE_URL"}]}}}},
        {"ops": {"ingest": {"config": {"sources": {"env": "YIBAO_SMTP_PASSWORD"}}}}},
        "ops: {ingest: {config: {paths: [{env: YIBAO_SOURCE_URL}]}}}",
        "a: &a {'env': X}\nb: [*a]",
        "{ops: [",
    ],
)
def test_a_run_names_no_variable_of_the_environment(config: object) -> None:
    for arguments in (
        {"executionParams": {"runConfigData": config}},
        {"executionParamsList": [{}, {"runConfigData": config}]},
    ):
        with pytest.raises(GraphQLError):
            webserver._change("launchRun", lambda *_: "launched", None, SimpleNamespace(), **arguments)


def test_several_runs_are_signed_each() -> None:
    arguments: dict[str, Any] = {"executionParamsList": [{}, {"executionMetadata": {"tags": []}}]}
    webserver._sign("launchMultipleRuns", arguments, "admin")
    assert json.dumps(arguments).count(ACTOR_TAG) == 2


def test_what_a_run_decides_is_the_decision_of_who_asked(place: Place) -> None:
    with acting_for({ACTOR_TAG: "admin"}):
        found = current_actor(place.settings)
    assert (found.name, found.channel) == ("admin", "dagster")


def test_a_month_that_a_run_closes_is_closed_by_who_asked(
    own_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_account(own_home, "admin", "operator", "province", WORD)
    monkeypatch.setenv("YIBAO_ACTOR", "system")  # as the processes of Dagster run
    job = assemble(own_home).resolve_job_def(CLOSE_JOB)
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(
            run_config={"ops": {"raw__month_lock": {"config": {"despite": "平台未接入"}}}},
            partition_key="2025-06-01",
            asset_selection=[CLOSED],
            instance=instance,
            tags={ACTOR_TAG: "admin"},
            raise_on_error=False,
        )
    assert result.success
    newest = entries(own_home, Filter(action="month."), 1)[0]
    assert (newest.actor, newest.channel) == ("admin", "dagster")


def outside(settings: Settings) -> list[str]:
    link = settings.inbox / "link.csv"
    link.symlink_to("/etc/passwd")
    return [
        "/etc/passwd",
        str(settings.inbox / "../person.key"),
        str(link),
        "/proc/self/environ",
        str(settings.home),
    ]


def test_a_run_from_a_page_loads_only_what_lies_in_the_inbox(own_home: Settings) -> None:
    job = assemble(own_home).resolve_job_def(BUILD_JOB)
    archived = sorted(own_home.archive.rglob("*"))
    for path in tried(outside(own_home), 3):
        with dg.DagsterInstance.ephemeral() as instance:
            config = {"ops": {"ingest": {"config": {"paths": [path]}}}}
            result = job.execute_in_process(run_config=config, instance=instance, raise_on_error=False)
        (failure,) = [each for each in result.all_events if each.is_step_failure]
        error = failure.step_failure_data.error
        assert error is not None
        assert "不在收件箱" in (error.cause or error).message
    assert sorted(own_home.archive.rglob("*")) == archived
