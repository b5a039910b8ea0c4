"""Real runs in a home of their own: dropped files, bad files, failing tests, two writers, nothing new."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import dagster as dg
import pytest
from engine_faults import put_fault

from orchestration.defs.ingest.sensors import inbox_sensor
from orchestration.lib import holding
from orchestration.lib.assemble import assemble
from orchestration.lib.launch import run_backfill
from orchestration.lib.names import BACKFILL_JOB, BUILD_JOB
from warehouse import transform
from warehouse.alerts.episodes import open_episodes
from warehouse.clock import today
from warehouse.control.history import batch_records
from warehouse.feeds.timing import month_before
from warehouse.home import writer
from warehouse.release.pointer import served
from warehouse.settings import PROJECT_ROOT, PUBLISHED_DATA, SEEDS, Settings
from warehouse.texts import Busy, Text

HOLDER = """
import sys, time
from pathlib import Path
from warehouse.home import writer
from warehouse.settings import load_settings
with writer(load_settings(sys.argv[1])):
    Path(sys.argv[2]).touch()
    deadline = time.monotonic() + float(sys.argv[3])
    while time.monotonic() < deadline and not Path(sys.argv[2] + ".free").exists():
        time.sleep(0.05)
"""


@contextmanager
def instance_of(settings: Settings) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        yield instance


def run(
    settings: Settings, config: dict[str, Any], job: dg.JobDefinition | None = None, **options: Any
) -> dg.ExecuteInProcessResult:
    job = job or assemble(settings, is_command=True).resolve_job_def(BUILD_JOB)
    with instance_of(settings) as instance:
        return job.execute_in_process(run_config=config, instance=instance, raise_on_error=False, **options)


def load(**config: Any) -> dict[str, Any]:
    return {"ops": {"ingest": {"config": config}, "build": {"config": {"lineage_seconds": 0.0}}}}


def kinds(result: dg.ExecuteInProcessResult, step: str) -> list[str]:
    return [event.event_type_value for event in result.all_events if event.step_key == step]


def reason(result: dg.ExecuteInProcessResult, step: str) -> str:
    (event,) = [each for each in result.all_events if each.is_step_failure and each.step_key == step]
    error = event.step_failure_data.error
    assert error is not None
    return (error.cause or error).message


@contextmanager
def other_writer(settings: Settings, seconds: float, folder: Path) -> Iterator[None]:
    """Another process that holds the writer's lock."""
    flag = folder / "held"
    command = [sys.executable, "-c", textwrap.dedent(HOLDER), str(settings.home), str(flag), str(seconds)]
    process = subprocess.Popen(command, cwd=PROJECT_ROOT)
    try:
        while not flag.exists():
            time.sleep(0.05)
        yield
    finally:
        process.wait()


def drop(settings: Settings, name: str) -> Path:
    """A delivery that was never loaded: a shipped table without its last line."""
    lines = (PUBLISHED_DATA / "monthly_ytd.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    path = settings.inbox / name
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    return path


def test_a_dropped_file_becomes_a_release_and_is_asked_for_once(own_home: Settings) -> None:
    before = served(own_home).release_id
    sensor = inbox_sensor(own_home)
    path = drop(own_home, "monthly_ytd@2026-11-22.csv")
    with instance_of(own_home) as instance:
        context = dg.build_sensor_context(instance=instance, cursor=None)
        first = sensor.evaluate_tick(context)
        assert not first.run_requests
        assert first.skip_message is not None
        assert path.name in first.skip_message
        second = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=first.cursor))
        (request,) = second.run_requests or []
    result = run(own_home, dict(request.run_config), tags=dict(request.tags))
    assert result.success
    assert not path.exists()
    after = served(own_home)
    assert after.release_id != before
    (batch,) = [each for each in batch_records(own_home) if each.file_name == path.name]
    assert batch.batch_id in after.manifest()["batches"]
    model = dg.AssetKey(["indicator", "indicator_value"])
    with instance_of(own_home) as instance:
        third = sensor.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=second.cursor))
        assert not third.run_requests
        arrived = instance.get_latest_materialization_event(dg.AssetKey(["raw", "published_statistic"]))
        built = instance.get_latest_materialization_event(model)
    assert arrived is not None
    assert arrived.run_id == result.run_id
    assert built is not None
    assert built.asset_materialization is not None
    assert built.asset_materialization.metadata["dagster/row_count"].value > 1000


def test_nothing_new_builds_and_releases_nothing(own_home: Settings) -> None:
    before = served(own_home).release_id
    result = run(own_home, load(only_new=True))
    assert result.success
    assert "STEP_SKIPPED" in kinds(result, "build")
    assert "STEP_SKIPPED" in kinds(result, "release")
    assert served(own_home).release_id == before


def test_bad_data_are_refused_with_the_reason_and_never_tried_again(own_home: Settings) -> None:
    bad = own_home.inbox / "bad.csv"
    bad.write_text("a,b\n1,2\n", encoding="utf-8")
    before = served(own_home).release_id
    result = run(own_home, load(paths=[str(bad)], only_new=True))
    assert not result.success
    assert "bad.csv" in reason(result, "ingest")
    assert "STEP_UP_FOR_RETRY" not in kinds(result, "ingest")
    assert "STEP_START" not in kinds(result, "build")
    assert served(own_home).release_id == before


def test_a_run_waits_for_another_writer_and_says_so(
    own_home: Settings,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def freed_after_a_while(*arguments: Any) -> Any:
        Timer(2, (tmp_path / "held.free").touch).start()
        return writer(*arguments)

    monkeypatch.setattr(holding, "writer", freed_after_a_while)
    config = load(only_new=True) | {"loggers": {"console": {}}}
    job = assemble(own_home).resolve_job_def(BUILD_JOB)
    with other_writer(own_home, 300, tmp_path):
        result = run(own_home, config, job)
    assert result.success
    assert "STEP_UP_FOR_RETRY" not in kinds(result, "ingest")
    assert "正在写入，等待其结束" in capfd.readouterr().err


def test_a_lock_that_is_held_for_long_is_tried_again_later(
    own_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def freed_after_a_refusal(*arguments: Any) -> Iterator[None]:
        try:
            with writer(*arguments):
                yield
        except Busy:
            (tmp_path / "held.free").touch()
            raise

    monkeypatch.setattr(holding, "writer", freed_after_a_refusal)
    monkeypatch.setenv("YIBAO_LOCK_SECONDS", "0.5")
    monkeypatch.setenv("YIBAO_RETRY_SECONDS", "2")
    job = assemble(own_home).resolve_job_def(BUILD_JOB)
    with other_writer(own_home, 300, tmp_path):
        result = run(own_home, load(only_new=True), job)
    assert result.success
    assert "STEP_RESTARTED" in kinds(result, "ingest")


def test_a_lock_that_is_never_freed_ends_the_run_with_the_reason(
    own_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIBAO_LOCK_SECONDS", "0.1")
    monkeypatch.setenv("YIBAO_RETRY_SECONDS", "0.1")
    job = assemble(own_home).resolve_job_def(BUILD_JOB)
    with other_writer(own_home, 300, tmp_path):
        result = run(own_home, load(only_new=True), job)
        (tmp_path / "held.free").touch()
    assert not result.success
    assert kinds(result, "ingest").count("STEP_UP_FOR_RETRY") == 4
    assert "仍在写入" in reason(result, "ingest")


@pytest.fixture
def own_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project that a test may change."""
    project = tmp_path / "project" / "dbt_project"
    shutil.copytree(transform.DBT_PROJECT, project)
    shutil.copytree(SEEDS, project.parent / "seeds")
    monkeypatch.setattr(transform, "DBT_PROJECT", project)
    monkeypatch.setattr(transform, "SEEDS", project.parent / "seeds")
    return project


def test_a_failing_test_blocks_the_release_and_a_warning_goes_with_it(
    own_home: Settings, own_project: Path
) -> None:
    reference = own_project.parent / "seeds" / "reference" / "_reference.yml"
    text = reference.read_text(encoding="utf-8")
    before = served(own_home).release_id
    for severity in ("error", "warn"):
        reference.write_text(with_test(text, f"broken_on_purpose_{severity}", severity), encoding="utf-8")
        result = run(own_home, load(paths=[str(PUBLISHED_DATA)]))
        check = dg.AssetCheckKey(dg.AssetKey(["seed", "unit"]), f"broken_on_purpose_{severity}")
        (found,) = [each for each in result.get_asset_check_evaluations() if each.asset_check_key == check]
        assert not found.passed
        if severity == "error":
            assert not result.success
            assert found.severity is dg.AssetCheckSeverity.ERROR
            assert check.name in reason(result, "build")
            assert "STEP_UP_FOR_RETRY" not in kinds(result, "build")
            assert "STEP_START" not in kinds(result, "release")
            assert served(own_home).release_id == before
        else:
            assert result.success
            assert found.severity is dg.AssetCheckSeverity.WARN
            assert served(own_home).release_id != before
            assert served(own_home).manifest()["tests"][check.name] == "warn"
            carried = dg.AssetCheckKey(dg.AssetKey("release"), "tests_without_warning")
            (said,) = [e for e in result.get_asset_check_evaluations() if e.asset_check_key == carried]
            assert said.metadata["tests"].value == [check.name]


def with_test(text: str, name: str, severity: str) -> str:
    """The YAML of the reference seeds with one more test, of the printed unit, that every row breaks."""
    unique = "      - name: printed_unit\n"
    assert text.count(unique) == 1
    head, tail = text.split(unique)
    line, rest = tail.split("data_tests: [", 1)
    test = f"{{accepted_values: {{name: {name}, arguments: {{values: [x]}}, config: {{severity: {severity}}}}}}}, "
    return f"{head}{unique}{line}data_tests: [{test}{rest}"


def test_a_fault_of_the_engine_costs_a_run_nothing_and_is_kept_with_the_release(
    own_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    node = "int_published__measures_unioned"
    put_fault(monkeypatch, tmp_path, node, "crash")
    config = load(paths=[str(PUBLISHED_DATA)]) | {"loggers": {"console": {}}}
    result = run(own_home, config)
    assert result.success
    assert "STEP_UP_FOR_RETRY" not in kinds(result, "build")
    assert all(
        each.passed for each in result.get_asset_check_evaluations() if each.asset_key.path[0] != "release"
    )
    assert "数据库引擎出错" in capfd.readouterr().err
    kept = served(own_home).manifest()["engine_faults"]
    assert node in {each["node"] for each in kept}
    assert {each["kind"] for each in kept} == {"SIGSEGV"}
    assert "engine_fault" in {each.rule_code for each in open_episodes(own_home)}


def test_a_range_of_months_is_one_run(own_home: Settings) -> None:
    last = month_before(today())
    first = month_before(month_before(last))
    before = served(own_home).release_id
    said: list[Text] = []
    run_backfill(own_home, first, last, [], said.append)
    with instance_of(own_home) as instance:
        (found,) = [each for each in instance.get_runs() if each.job_name == BACKFILL_JOB]
        months = instance.get_materialized_partitions(dg.AssetKey(["raw", "built_batch"]))
    assert found.status is dg.DagsterRunStatus.SUCCESS
    assert months == {first.isoformat(), month_before(last).isoformat(), last.isoformat()}
    assert served(own_home).release_id != before
