"""Running the pipeline through Dagster in this process, without a server."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import dagster as dg

from orchestration.lib.assemble import JOB_NAME, assemble
from warehouse.settings import Settings
from warehouse.texts import Refused, Text


def run_pipeline(
    settings: Settings,
    paths: Sequence[Path],
    data_to: date | None,
    known_on: date | None,
    say: Callable[[Text], None],
) -> None:
    """Ingest ``paths``, build and release; the run is recorded in the home's Dagster instance.

    Raises ``Refused`` with the failed step's reason; the served release stays as it was.
    """
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    os.environ["YIBAO_HOME"] = str(settings.home)
    job = assemble(settings).resolve_job_def(JOB_NAME)
    run_config = {
        "ops": {
            "ingest": {"config": {"paths": [str(path) for path in paths]}},
            "build": {
                "config": {
                    "data_to": data_to.isoformat() if data_to else "",
                    "known_on": known_on.isoformat() if known_on else "",
                }
            },
        },
        "loggers": {"console": {}},
    }
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(run_config=run_config, instance=instance, raise_on_error=False)
    if not result.success:
        raise _reason(result)
    say(Text(f"Dagster 运行 {result.run_id} 完成", f"Dagster run {result.run_id} is done"))


def _reason(result: dg.ExecuteInProcessResult) -> Refused:
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error is not None:
            error = event.step_failure_data.error
            cause = error.cause or error
            message = cause.message.split(": ", 1)[-1].strip()
            step = event.step_key
            return Refused(f"步骤 {step} 失败:{message}", f"Step {step} failed: {message}")
    return Refused("运行失败,原因见 Dagster 页面。", "The run failed; see Dagster's page for the reason.")
