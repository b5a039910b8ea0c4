"""The last runs, of Dagster and from the command line, and why a step failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from warehouse.build_log import CommandBuild, command_builds
from warehouse.dagster_home import is_made
from warehouse.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance, RunRecord

SHOWN_RUNS = 20
COMMAND = "yibao build"
WORDED = frozenset({"Failure", "Refused", "Busy"})


@dataclass(frozen=True)
class FailedStep:
    """A step that failed and its reason; of an error that is not worded for people only its kind."""

    step: str
    reason: str


@dataclass(frozen=True)
class Run:
    """A run: what was to be done, how it ended, and the steps that failed."""

    run_id: str
    job: str
    state: str
    started_at: datetime
    seconds: float | None
    failed: tuple[FailedStep, ...]


def last_runs(settings: Settings) -> list[Run]:
    """The last runs of Dagster, where it was set up, and builds from the command line, the newest first."""
    found = [_built(each) for each in command_builds(settings)[:SHOWN_RUNS]]
    if is_made(settings):
        with _instance(settings) as instance:
            found += [_run(instance, record) for record in instance.get_run_records(limit=SHOWN_RUNS)]
    return sorted(found, key=lambda each: each.started_at, reverse=True)[:SHOWN_RUNS]


def _built(build: CommandBuild) -> Run:
    return Run(
        run_id="",
        job=COMMAND,
        state="failure" if build.failed else "success",
        started_at=datetime.fromisoformat(build.started_at),
        seconds=build.seconds,
        failed=tuple(FailedStep(name, "") for name in build.failed),
    )


@contextmanager
def _instance(settings: Settings) -> Iterator[DagsterInstance]:
    from dagster import DagsterInstance  # three seconds the first time: only who looks at runs waits

    with DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        yield instance


def _run(instance: DagsterInstance, record: RunRecord) -> Run:
    run = record.dagster_run
    is_failed = run.status.value == "FAILURE"
    return Run(
        run_id=run.run_id,
        job=run.job_name,
        state=run.status.value.lower(),
        started_at=datetime.fromtimestamp(record.start_time, UTC)
        if record.start_time
        else record.create_timestamp,
        seconds=record.end_time - record.start_time if record.end_time and record.start_time else None,
        failed=tuple(_failed_steps(instance, run.run_id)) if is_failed else (),
    )


def _failed_steps(instance: DagsterInstance, run_id: str) -> Iterator[FailedStep]:
    from dagster import DagsterEventType

    for entry in instance.all_logs(run_id, of_type=DagsterEventType.STEP_FAILURE):
        event = entry.dagster_event
        if event is None or event.step_key is None:
            continue
        found = event.step_failure_data.error
        error = (found.cause or found) if found else None
        if error is None:
            yield FailedStep(event.step_key, "")
        elif error.cls_name in WORDED:
            yield FailedStep(event.step_key, error.message.partition(": ")[2].strip())
        else:  # a message of a program may quote the data it stumbled over
            yield FailedStep(event.step_key, str(error.cls_name))
