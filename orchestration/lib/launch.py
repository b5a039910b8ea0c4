"""Running the pipeline through Dagster in this process, without a server."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast

import dagster as dg

from orchestration.lib.assemble import assemble
from orchestration.lib.names import BACKFILL_JOB, BUILD_JOB, CLOSE_JOB, NO_FILE_REFUSED
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def run_pipeline(
    settings: Settings,
    paths: Sequence[Path],
    data_to: date | None,
    known_on: date | None,
    say: Callable[[Text], None],
    *,
    is_strict: bool = False,
) -> list[str]:
    """Ingest ``paths``, build and release; the run is recorded in the home's Dagster instance.

    Gives the reasons of the files that were refused while the others went on; with ``is_strict`` one stops the
    run. Raises ``Refused`` with the failed step's reason; the served release stays as it was.
    """
    build = {
        "data_to": data_to.isoformat() if data_to else "",
        "known_on": known_on.isoformat() if known_on else "",
    }
    return _refused(_run(settings, BUILD_JOB, _config(paths, build, is_strict), {}, say))


def run_backfill(
    settings: Settings,
    first: date,
    last: date,
    paths: Sequence[Path],
    say: Callable[[Text], None],
    *,
    is_strict: bool = False,
) -> list[str]:
    """Load ``paths`` (the inbox if there are none), compute the months anew and release, as one run."""
    tags = {RANGE_START: first.isoformat(), RANGE_END: last.isoformat()}
    return _refused(_run(settings, BACKFILL_JOB, _config(paths, {}, is_strict), tags, say))


def run_close(settings: Settings, month: date, despite: str | None, say: Callable[[Text], None]) -> None:
    """Close a month by its checklist, build and release, as one run; ``despite`` says why with open items."""
    config = {
        "ops": {"raw__month_lock": {"config": {"despite": despite or ""}}},
        "loggers": {"console": {}},
    }
    _run(settings, CLOSE_JOB, config, {}, say, month.isoformat())


def _refused(result: dg.ExecuteInProcessResult) -> list[str]:
    """The reasons of the files that a run refused without ending in it."""
    return [
        str(message)
        for check in result.get_asset_check_evaluations()
        if check.check_name == NO_FILE_REFUSED and not check.passed
        for message in cast("Sequence[object]", check.metadata["refused"].value)
    ]


def _config(paths: Sequence[Path], build: Mapping[str, str], is_strict: bool) -> dict[str, Any]:
    load = {"paths": [str(path) for path in paths], "strict": is_strict}
    return {
        "ops": {"ingest": {"config": load}, "build": {"config": dict(build)}},
        "loggers": {"console": {}},
    }


def _run(
    settings: Settings,
    job_name: str,
    run_config: dict[str, Any],
    tags: dict[str, str],
    say: Callable[[Text], None],
    partition_key: str | None = None,
) -> dg.ExecuteInProcessResult:
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    os.environ["YIBAO_HOME"] = str(settings.home)
    job = assemble(settings, is_command=True).resolve_job_def(job_name)
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(
            run_config=run_config,
            instance=instance,
            tags=tags,
            partition_key=partition_key,
            raise_on_error=False,
        )
    if not result.success:
        raise _reason(result)
    say(Text(f"Dagster 运行 {result.run_id} 完成", f"Dagster run {result.run_id} is done"))
    return result


def _reason(result: dg.ExecuteInProcessResult) -> Refused:
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error is not None:
            error = event.step_failure_data.error
            cause = error.cause or error
            message = cause.message.split(": ", 1)[-1].strip()
            step = event.step_key
            return Refused(f"步骤 {step} 失败：{message}", f"Step {step} failed: {message}")
    return Refused("运行失败，原因见 Dagster 页面。", "The run failed; see Dagster's page for the reason.")
