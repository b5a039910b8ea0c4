"""Alerts after a release and by the clock: evaluated again, then sent. Neither can fail a release."""

from collections.abc import Iterator
from datetime import datetime

import dagster as dg

from orchestration.lib.freshness import TIME_ZONE
from orchestration.lib.names import ALERT_JOB
from warehouse.alerts.deliver import ROUNDS, Sent, has_due, send_alerts
from warehouse.alerts.episodes import open_episodes
from warehouse.alerts.evaluate import evaluate_alerts, is_due
from warehouse.clock import CHINA
from warehouse.settings import Settings
from warehouse.texts import Refused

ALERT = dg.AssetKey("alert")
HOURLY = "40 * * * *"
SENT_CHECK = "alerts_sent"
Event = dg.MaterializeResult[None] | dg.AssetCheckResult


def alert_asset(settings: Settings, release: dg.AssetKey) -> dg.AssetsDefinition:
    """The inbox, brought up to date and sent; downstream of the release, which is in service by then."""
    spec = dg.AssetSpec(
        ALERT,
        deps=[release],
        group_name="maintenance",
        description="预警：评估规则，按 alerts.yml 发送 / rules evaluated, messages sent",
    )
    check = dg.AssetCheckSpec(SENT_CHECK, asset=ALERT, description="消息都已送出 / every message was taken")

    @dg.multi_asset(specs=[spec], check_specs=[check], name="alert")
    def alerts(context: dg.AssetExecutionContext) -> Iterator[Event]:
        problems: list[str] = []
        done = Sent()
        is_after_release = context.run.job_name != ALERT_JOB
        try:
            evaluation = evaluate_alerts(settings)
            if not is_after_release:  # the release has said it
                context.log.info(str(evaluation.summary()))
            problems += [str(each) for each in evaluation.problems]
            rounds = 1 if is_after_release else ROUNDS
            done = send_alerts(settings, lambda text: context.log.info(str(text)), rounds=rounds)
            open_now = len(open_episodes(settings))
        except Refused as refusal:
            context.log.warning(str(refusal.text))
            problems.append(str(refusal.text))
            open_now = -1
        yield dg.MaterializeResult(asset_key=ALERT, metadata={"open": open_now, "sent": done.sent})
        yield dg.AssetCheckResult(
            passed=not done.failed and not problems,
            asset_key=ALERT,
            check_name=SENT_CHECK,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"failed": done.failed, "given_up": done.given_up, "problems": problems},
        )

    return alerts


def alert_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Every hour, and only if a new day, release, refusal or failed build, or a waiting message asks for it."""

    @dg.schedule(
        name="alerts",
        job_name=ALERT_JOB,
        cron_schedule=HOURLY,
        execution_timezone=TIME_ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="每小时：有变化才评估预警，并发送待发的消息 / when something changed or a message waits",
    )
    def alerts(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        moment: datetime = context.scheduled_execution_time.astimezone(CHINA)
        try:
            if not is_due(settings, moment.date()) and not has_due(settings):
                return dg.SkipReason("没有变化，也没有待发的消息 / nothing changed and no message waits")
        except Refused as refusal:
            return dg.SkipReason(str(refusal.text))
        return dg.RunRequest(run_key=f"alerts-{moment:%Y-%m-%dT%H}", tags={"yibao/kind": "alerts"})

    return alerts
