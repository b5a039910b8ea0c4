"""Running dbt: parameters into the build database, models and tests in a process of their own, and the record."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse import durable
from warehouse.build_log import remember
from warehouse.connections import LOCKED, build_connection, first_row
from warehouse.engine.results import EngineFault, NodeResult
from warehouse.engine.resume import build_despite_the_engine
from warehouse.ingest.arrived import mirror_said
from warehouse.ingest.months import mirror_locks
from warehouse.ingest.person_key import complete_person_keys
from warehouse.ingest.raw_schema import describe_feeds, prepare_raw
from warehouse.release.disclosure import mirror_disclosures, mirror_shown
from warehouse.settings import DBT_PROJECT, SEEDS, Settings
from warehouse.texts import Busy, Refused, Text

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

NO_LIMIT = date(9999, 12, 31)
PROGRESS_STEP = 25
QUIETLY = ("--quiet", "--log-level-file", "info")

Say = Callable[[Text], None]

_parsed: dict[str, tuple[Manifest, Path]] = {}


def use_project(project: Path, seeds: Path) -> None:
    """Take models and seeds from these folders in this process from now on."""
    global DBT_PROJECT, SEEDS
    DBT_PROJECT, SEEDS = project, seeds


@dataclass(frozen=True)
class BuildResult:
    """What dbt did: every node's result, the failed ones in words, and where the engine let the build down."""

    results: list[NodeResult]
    failures: list[str]
    engine_faults: list[EngineFault] = field(default_factory=list)

    @property
    def warnings(self) -> int:
        """How many tests warned."""
        return sum(1 for each in self.results if each.status == "warn")


def set_parameters(settings: Settings, data_to: date | None, known_on: date | None) -> int:
    """Write the build's two dates and return how many batches it will see; 0 is refused."""
    if not settings.build_database.exists():
        raise _nothing_loaded()
    settings.passed_build.unlink(missing_ok=True)
    with build_connection(settings) as connection:
        prepare_raw(connection)
        describe_feeds(connection)
        connection.execute("begin")
        mirror_locks(connection, settings)
        mirror_said(connection, settings)
        mirror_disclosures(connection, settings)
        mirror_shown(connection, settings)
        complete_person_keys(connection, settings)
        connection.execute("delete from raw.build_parameter")
        connection.execute(
            "insert into raw.build_parameter values (?, ?)", [data_to or NO_LIMIT, known_on or NO_LIMIT]
        )
        seen, first = connection.execute(
            "select count(*) filter (known_on <= ?), min(known_on) from raw.batch", [known_on or NO_LIMIT]
        ).fetchall()[0]
        if not seen:
            connection.execute("rollback")
            if first is None:
                raise _nothing_loaded()
            raise Refused(
                f"截至 {known_on} 还没有任何已交付的数据；最早的一批交付于 {first}。请改用更晚的 --known-on。",
                f"Nothing had been delivered by {known_on}; the first batch came on {first}. "
                "Choose a later --known-on.",
            )
        connection.execute("commit")
    return int(seen)


def build(settings: Settings, say: Say | None = None, warn: Say | None = None) -> BuildResult:
    """Seeds, models and tests into the build database; raises ``Refused`` when anything fails."""
    started_at, began = datetime.now(UTC), time.monotonic()
    result = run_models(settings, say, warn=warn)
    failed_nodes = [each.name for each in result.results if each.has_failed]
    remember(settings, started_at, time.monotonic() - began, failed_nodes or result.failures[:1])
    if result.failures:
        raise failed(result)
    if say:
        say(summary(result))
    return result


def run_models(
    settings: Settings,
    say: Say | None = None,
    select: str | None = None,
    warn: Say | None = None,
) -> BuildResult:
    """The same without raising for a failed node: the caller reads ``failures``. A pass is recorded for the gate.

    ``select`` is dbt's selection of nodes; a build of some of them never passes the gate. ``warn`` hears when
    the database engine let the build down and how it goes on; without it, ``say`` does.
    """
    settings.passed_build.unlink(missing_ok=True)
    count = _progress(say) if say else None
    built = build_despite_the_engine(settings, (DBT_PROJECT, SEEDS), select or "", warn or say, count)
    results = list(built.results.values())
    failures = [_failure(each) for each in results if each.has_failed]
    if built.hopeless:
        failures = [_hopeless(built.hopeless)]
    result = BuildResult(results, failures, built.faults)
    if not select:
        _remember_faults(settings, result)
    if result.failures:
        _remember_failure(settings, result, [each.node for each in built.hopeless])
    elif not select:
        _remember_pass(settings, result)
    return result


def last_failure(settings: Settings) -> list[str]:
    """The nodes that failed in the last build, by kind and name; none when it passed or there was none."""
    if not settings.failed_build.exists():
        return []
    names: list[str] = json.loads(settings.failed_build.read_text(encoding="utf-8"))["failed"]
    return names


def last_engine_faults(settings: Settings) -> list[str]:
    """The nodes of the last full build that the engine let down; none when it did not or there was no build."""
    if not settings.engine_faults.exists():
        return []
    content: dict[str, Any] = json.loads(settings.engine_faults.read_text(encoding="utf-8"))
    return [each["node"] for each in content["faults"]]


def drop_outdated(settings: Settings, manifest: Manifest) -> None:
    """Drop incremental tables when their SQL, or that of what they rest on, changed since they were built.

    They start anew then. Macros count as a whole: few edits spare none of these tables.
    """
    macros = [
        f"{name} {each.macro_sql}"
        for name, each in manifest.macros.items()
        if name.startswith("macro.yibao.")
    ]
    incremental = [
        node
        for node in manifest.nodes.values()
        if str(node.resource_type) == "model" and node.config.materialized == "incremental"
    ]
    with build_connection(settings) as connection:
        for node in incremental:
            rests_on = [
                f"{name} {manifest.nodes[name].checksum.checksum}" for name in _ancestors(manifest, node)
            ]
            text = "\n".join(sorted([node.checksum.checksum, *macros, *rests_on]))
            fingerprint = hashlib.sha256(text.encode()).hexdigest()
            built = first_row(
                connection.execute(
                    "select fingerprint from raw.built_model where model_name = ?", [node.name]
                )
            )
            if built == (fingerprint,):
                continue
            connection.execute(f'drop table if exists "{node.schema}"."{node.alias}"')
            connection.execute("delete from raw.built_batch where model_name = ?", [node.name])
            connection.execute("delete from raw.built_input where model_name = ?", [node.name])
            connection.execute("delete from raw.built_model where model_name = ?", [node.name])
            connection.execute("insert into raw.built_model values (?, ?)", [node.name, fingerprint])


def _ancestors(manifest: Manifest, node: Any) -> set[str]:
    """The models and seeds that a node rests on, near and far, by unique id."""
    found: set[str] = set()
    waiting = list(node.depends_on.nodes)
    while waiting:
        name = waiting.pop()
        if name in manifest.nodes and name not in found:
            found.add(name)
            waiting += getattr(manifest.nodes[name].depends_on, "nodes", [])  # a seed has none
    return found


def forget_months(settings: Settings, first: date, last: date) -> int:
    """Let the next build compute these months anew (first days): batches that touch them count as changed.

    Returns how many batches. Other months of the same batches are computed again as well.
    """
    with build_connection(settings) as connection:
        prepare_raw(connection)
        forgotten = "select batch_id from raw.touched_month where month between ? and ?"
        connection.execute(
            f"update raw.built_batch set is_stale = true where batch_id in ({forgotten})", [first, last]
        )
        (batches,) = connection.execute(
            f"select count(distinct batch_id) from ({forgotten})", [first, last]
        ).fetchall()[0]
    return int(batches)


def failed(result: BuildResult) -> Refused:
    """The refusal that lists what failed."""
    listed = "\n".join(f"  · {each}" for each in result.failures[:10])
    return Refused(
        f"建库未通过，{len(result.failures)} 项失败，当前数据版本保持不变：\n{listed}",
        f"The build failed in {len(result.failures)} places; the served release stays:\n{listed}",
    )


def summary(result: BuildResult) -> Text:
    """How much was built and checked."""
    kinds = [each.resource_type for each in result.results]
    models, tests = kinds.count("model"), kinds.count("test")
    return Text(
        f"建成 {models} 个模型，{tests} 项检验通过（其中警告 {result.warnings} 项）",
        f"built {models} models, {tests} tests passed ({result.warnings} with a warning)",
    )


def load_manifest(settings: Settings) -> Manifest:
    """dbt's parsed project, also written to ``settings.dbt_manifest``; parsed once in a process.

    It is parsed again when a file of the project or a seed changed.
    """
    fingerprint = project_fingerprint()
    manifest, written = _parsed.get(fingerprint, (None, None))
    if manifest and written == settings.dbt_manifest and written.exists():
        return manifest
    with _parsing(settings), dbt_environment(settings):
        if manifest and written and written.exists():  # parsed for another home of this process
            durable.replace(settings.dbt_manifest, written.read_bytes())
        else:
            manifest = invoke_dbt(["parse", *QUIETLY], None)
            durable.replace(settings.dbt_manifest, (settings.dbt_target / "manifest.json").read_bytes())
        durable.replace(_fingerprint_file(settings), fingerprint)
    _parsed[fingerprint] = (manifest, settings.dbt_manifest)
    return manifest


def manifest_content(settings: Settings) -> dict[str, Any]:
    """The parsed project as data: read from ``settings.dbt_manifest``, without dbt, while it is current."""
    said = _fingerprint_file(settings)
    if not (
        settings.dbt_manifest.exists()
        and said.exists()
        and said.read_text(encoding="ascii") == project_fingerprint()
    ):
        load_manifest(settings)
    with _parsing(settings):
        content: dict[str, Any] = json.loads(settings.dbt_manifest.read_text(encoding="utf-8"))
    return content


def project_fingerprint() -> str:
    """Tells one state of the dbt project and its seeds from another, by name, size and time of each file."""
    found = []
    for folder in (DBT_PROJECT, SEEDS):
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            stat = path.stat()
            found.append(f"{path} {stat.st_size} {stat.st_mtime_ns}")
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


@contextmanager
def _parsing(settings: Settings) -> Iterator[None]:
    """One process parses or reads the manifest at a time; the writer's lock would keep pages waiting."""
    settings.dbt_target.mkdir(parents=True, exist_ok=True)
    with (settings.dbt_target.parent / "parse.lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _fingerprint_file(settings: Settings) -> Path:
    return settings.dbt_target.parent / "parsed"


@contextmanager
def dbt_environment(settings: Settings) -> Iterator[None]:
    """Point dbt at this home; afterwards free DuckDB's lock, which dbt keeps otherwise.

    What it writes can be read by its owner only, as the build database: its log holds personal data.
    """
    chosen = {
        "YIBAO_BUILD_DATABASE": str(settings.build_database),
        "DBT_TARGET_PATH": str(settings.dbt_target),
        "DBT_LOG_PATH": str(settings.logs),
        "DBT_PROJECT_DIR": str(DBT_PROJECT),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_USE_COLORS": "false",
    }
    before = {name: os.environ.get(name) for name in chosen}
    os.environ.update(chosen)
    mask = os.umask(0o077)
    logging.raiseExceptions = False  # a log that cannot be written is no reason for a page of errors
    try:
        yield
    finally:
        _free_lock()
        os.umask(mask)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _remember_pass(settings: Settings, result: BuildResult) -> None:
    with build_connection(settings) as connection:
        data_to, known_on = connection.execute(
            "select data_to, known_on from raw.build_parameter"
        ).fetchall()[0]
    tests = {each.name: each.status for each in result.results if each.resource_type == "test"}
    limits = {
        "data_to": None if data_to == NO_LIMIT else data_to,
        "known_on": None if known_on == NO_LIMIT else known_on,
    }
    record = {"parameters": limits, "tests": tests, "engine_faults": _faults(result)}
    content = json.dumps(record, ensure_ascii=False, default=str)
    durable.replace(settings.passed_build, content)
    settings.failed_build.unlink(missing_ok=True)


def _remember_failure(settings: Settings, result: BuildResult, given_up: list[str]) -> None:
    """Names only: what a check said may quote a value."""
    failed_nodes = [f"{each.resource_type} {each.name}" for each in result.results if each.has_failed]
    failed_nodes = failed_nodes or given_up  # a process that crashed told of no result
    content = json.dumps({"failed": failed_nodes}, ensure_ascii=False)
    durable.replace(settings.failed_build, content)


def _remember_faults(settings: Settings, result: BuildResult) -> None:
    if not result.engine_faults:
        settings.engine_faults.unlink(missing_ok=True)
        return
    content = {"duckdb": version("duckdb"), "faults": _faults(result)}
    durable.replace(settings.engine_faults, json.dumps(content, ensure_ascii=False))


def _faults(result: BuildResult) -> list[dict[str, str]]:
    return [asdict(each) for each in result.engine_faults]


def _free_lock() -> None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    free: Callable[[], None] = DuckDBConnectionManager.close_all_connections
    free()


def _progress(say: Say) -> Callable[[int], None]:
    """Says how far the build is, every so many nodes."""
    done = 0

    def count(total: int) -> None:
        nonlocal done
        done += 1
        if done % PROGRESS_STEP == 0:
            say(Text(f"  {done}/{total}", f"  {done}/{total}"))

    return count


def invoke_dbt(
    arguments: list[str], manifest: Manifest | None, callback: Callable[[Any], None] | None = None
) -> Any:
    """One dbt command in this process; raises ``Refused`` when dbt itself, not a node, fails."""
    from dbt.cli.main import dbtRunner

    callbacks = [callback] if callback else []
    outcome = dbtRunner(manifest=manifest, callbacks=callbacks).invoke(arguments)
    if outcome.exception is not None:
        said = " ".join(str(outcome.exception).split())
        raise (Busy if LOCKED in said else Refused)(
            f"dbt 无法运行：{said}",
            f"dbt could not run: {said}",
        ) from outcome.exception
    return outcome.result


def _failure(result: NodeResult) -> str:
    reason = " ".join(result.message.split())[:300]
    return f"{result.resource_type} {result.name}: {reason}"


def _hopeless(faults: list[EngineFault]) -> str:
    named = ", ".join(f"{each.node} ({each.kind})" for each in faults)
    return str(
        Text(
            f"数据库引擎在 {named} 出错，不用优化器再建一次也出错；请把 logs/dbt.log 交给维护人员。",
            f"the database engine failed in {named}, without its optimizer as well; pass on logs/dbt.log.",
        )
    )


def _nothing_loaded() -> Refused:
    return Refused(
        "还没有装载任何数据。请先运行 yibao ingest 路径，或 yibao run（使用随附的公开数据）。",
        "No data have been loaded. Run yibao ingest PATH first, or yibao run (with the shipped data).",
    )
