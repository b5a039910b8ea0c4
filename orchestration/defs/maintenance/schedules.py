"""Schedules, by the clock of China: the daily increment, preliminary figures, the monthly close."""

from datetime import datetime
from typing import Any

import dagster as dg

from orchestration.lib.freshness import TIME_ZONE
from orchestration.lib.names import BUILD_JOB, CLOSE_JOB
from warehouse.clock import CHINA
from warehouse.control.history import locked_months
from warehouse.feeds.timing import end_of, month_before
from warehouse.ingest.sources import sources_of
from warehouse.months.expected import has_platform_data
from warehouse.settings import Settings

RUNNING = dg.DefaultScheduleStatus.RUNNING
DAILY, PRELIMINARY, CLOSE = "0 2 * * *", "0 6 10 * *", "0 20 20 * *"
NO_FEED = "还没有平台数据 / no feed of the platform was ever delivered"


def schedules(settings: Settings) -> list[dg.ScheduleDefinition]:
    """All of them; each skips, and says why, when there is nothing to do."""

    @dg.schedule(
        name="daily_increment",
        job_name=BUILD_JOB,
        cron_schedule=DAILY,
        execution_timezone=TIME_ZONE,
        default_status=RUNNING,
        description="每日 02:00：收件箱与各数据库的增量 / the inbox and what is new in databases",
    )
    def daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return _run(settings, _moment(context), {"only_new": True}, {}, "daily")

    @dg.schedule(
        name="preliminary_figures",
        job_name=BUILD_JOB,
        cron_schedule=PRELIMINARY,
        execution_timezone=TIME_ZONE,
        default_status=RUNNING,
        description="每月 10 日 06:00：上月初步数 / preliminary figures of last month",
    )
    def preliminary(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        if not has_platform_data(settings):
            return dg.SkipReason(NO_FEED)
        day = _moment(context).date()
        limits = {"data_to": end_of(month_before(day)).isoformat(), "known_on": day.isoformat()}
        return _run(settings, _moment(context), {}, limits, "preliminary")

    @dg.schedule(
        name="monthly_close",
        job_name=CLOSE_JOB,
        cron_schedule=CLOSE,
        execution_timezone=TIME_ZONE,
        default_status=RUNNING,
        description="每月 20 日 20:00：上月月结 / the close of last month",
    )
    def close(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        if not has_platform_data(settings):
            return dg.SkipReason(NO_FEED)
        month = month_before(_moment(context).date())
        if month in locked_months(settings):
            return dg.SkipReason(f"{month:%Y-%m} 早已锁定 / is locked already")
        return dg.RunRequest(
            run_key=f"close-{month:%Y-%m}-{_moment(context):%Y-%m-%d}",
            tags={"yibao/kind": "close"},
            partition_key=month.isoformat(),
        )

    return [daily, preliminary, close]


def _moment(context: dg.ScheduleEvaluationContext) -> datetime:
    return context.scheduled_execution_time.astimezone(CHINA)


def _run(
    settings: Settings, moment: datetime, load: dict[str, Any], build: dict[str, Any], kind: str
) -> dg.RunRequest:
    sources = list(sources_of(settings))
    config = {"ingest": {"config": load | {"sources": sources}}, "build": {"config": build}}
    return dg.RunRequest(
        run_key=f"{kind}-{moment:%Y-%m-%d}", run_config={"ops": config}, tags={"yibao/kind": kind}
    )
