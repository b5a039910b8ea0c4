"""The definitions of one home: feeds → load → dbt models and tests → release; months anew, months closed."""

from __future__ import annotations

import warnings

import dagster as dg

from orchestration.defs.ingest.feeds import feed_specs, load_asset
from orchestration.defs.ingest.sensors import inbox_sensor, watermark_sensor
from orchestration.defs.maintenance.alerts import alert_asset, alert_schedule
from orchestration.defs.maintenance.months import backfill_asset, close_asset
from orchestration.defs.maintenance.schedules import schedules
from orchestration.defs.release.release import RELEASE, release_asset
from orchestration.defs.transform.models import model_assets
from orchestration.lib.names import ALERT_JOB, BACKFILL_JOB, BUILD_JOB, CLOSE_JOB
from orchestration.lib.plain_log import plain_logger
from warehouse.settings import Settings
from warehouse.texts import Refused
from warehouse.transform import manifest_content

JOBS = {
    BUILD_JOB: "装载、建库、发布 / ingest, build, release",
    BACKFILL_JOB: "装载、重算所选月份、发布 / ingest, compute months anew, release",
    CLOSE_JOB: "月结（核对、锁定）、建库、发布 / checklist and lock of a month, build, release",
    ALERT_JOB: "评估并发送预警 / evaluate and send alerts",
}


def assemble(settings: Settings, *, is_command: bool = False) -> dg.Definitions:
    """Definitions over ``settings``; the dbt project is parsed only where its manifest is not current.

    A run of a command (``is_command``) loads the files that were named to it; any other only those of the inbox.
    """
    if not settings.dagster_home.exists():
        raise Refused(
            f"主目录 {settings.home} 尚未建立，请先运行 yibao init。",
            f"The home {settings.home} does not exist; run yibao init first.",
        )
    load = load_asset(settings, may_leave_inbox=is_command)
    models = model_assets(settings, manifest_content(settings))
    release = release_asset(settings, models)
    alerts = alert_asset(settings, RELEASE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # back-fill policies are as old as 2023
        again, close = backfill_asset(settings), close_asset(settings)
    common = dg.AssetSelection.assets(load, models, release, alerts)
    selections = {
        BUILD_JOB: common,
        BACKFILL_JOB: common | dg.AssetSelection.assets(again),
        CLOSE_JOB: dg.AssetSelection.assets(close, models, release, alerts),
        ALERT_JOB: dg.AssetSelection.assets(alerts),
    }
    jobs = [
        dg.define_asset_job(name, selection, description=JOBS[name], executor_def=dg.in_process_executor)
        for name, selection in selections.items()
    ]
    return dg.Definitions(
        assets=[*feed_specs(), load, models, release, alerts, again, close],
        jobs=jobs,
        sensors=[inbox_sensor(settings), watermark_sensor(settings)],
        schedules=[*schedules(settings), alert_schedule(settings)],
        executor=dg.in_process_executor,
        loggers={"console": plain_logger},
    )
