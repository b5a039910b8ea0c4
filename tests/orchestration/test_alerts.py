"""Alerts in Dagster: after each release, and by a schedule that asks for a run only when there is a reason."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from orchestration.defs.maintenance.alerts import ALERT, SENT_CHECK, alert_schedule
from orchestration.lib.assemble import assemble
from orchestration.lib.names import ALERT_JOB
from warehouse.alerts.evaluate import evaluate_alerts
from warehouse.settings import Settings, load_settings

NOON = datetime(2026, 8, 10, 4, tzinfo=UTC)


def tick(settings: Settings) -> dg.RunRequest | str:
    repository = assemble(settings).get_repository_def()
    context = dg.build_schedule_context(scheduled_execution_time=NOON, repository_def=repository)
    data = alert_schedule(settings).evaluate_tick(context)
    return data.run_requests[0] if data.run_requests else (data.skip_message or "")


def test_a_run_of_the_pipeline_ends_with_the_alerts(released_home: Path) -> None:
    settings = load_settings(released_home)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        event = instance.get_latest_materialization_event(ALERT)
        assert event is not None
        assert event.asset_materialization is not None
        assert event.asset_materialization.metadata["open"].value == 1


def test_the_schedule_asks_for_a_run_only_with_a_reason(own_home: Settings) -> None:
    evaluate_alerts(own_home, NOON.date())
    assert "没有变化" in str(tick(own_home))
    own_home.failed_build.write_text('{"failed": ["model x"]}')
    assert isinstance(tick(own_home), dg.RunRequest)
    evaluate_alerts(own_home, NOON.date())
    assert "没有变化" in str(tick(own_home))
    own_home.alert_channels.touch()
    own_home.alert_channels.chmod(0o644)
    assert "chmod 600" in str(tick(own_home))


def test_the_job_says_what_is_wrong_and_does_not_fail(own_home: Settings) -> None:
    own_home.alert_channels.touch()
    own_home.alert_channels.chmod(0o644)
    job = assemble(own_home).resolve_job_def(ALERT_JOB)
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance)
    assert result.success
    (check,) = result.get_asset_check_evaluations()
    assert (check.check_name, check.passed) == (SENT_CHECK, False)
    assert "chmod 600" in str(check.metadata["problems"].value)
