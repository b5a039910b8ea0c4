"""Sensors: the inbox folder, and databases whose watermark has moved."""

import json
from collections.abc import Iterator

import dagster as dg

from orchestration.lib import inbox
from orchestration.lib.names import BUILD_JOB
from warehouse.ingest.database import open_source
from warehouse.ingest.sources import sources_of
from warehouse.settings import Settings
from warehouse.texts import Refused

INBOX_SECONDS = 30
WATERMARK_SECONDS = 300


def inbox_sensor(settings: Settings) -> dg.SensorDefinition:
    """Asks for a run when the inbox holds complete files."""

    @dg.sensor(
        name="inbox",
        job_name=BUILD_JOB,
        minimum_interval_seconds=INBOX_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="收件箱有新文件且已传完时装载、建库、发布 / loads complete files of the inbox",
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        found = inbox.look(settings.inbox, context.cursor)
        if not found.ready:
            return dg.SensorResult(skip_reason=_why(found), cursor=found.cursor)
        key = inbox.run_key(found.ready)
        names = ", ".join(path.name for path in found.ready)
        load = {"config": {"paths": [str(path) for path in found.ready], "only_new": True}}
        request = dg.RunRequest(
            run_key=key, run_config={"ops": {"ingest": load}}, tags={"yibao/files": names[:250]}
        )
        return dg.SensorResult(run_requests=[request], cursor=found.cursor)

    return watch


def _why(found: inbox.Look) -> str:
    if found.arriving:
        return f"仍在传送 / still arriving: {', '.join(found.arriving)}"
    if found.asked:
        return (
            f"已请求装载，仍在收件箱；若该次运行失败，请重新执行或 touch 文件 / "
            f"asked for, still here; if that run failed, run it again or touch the file: {', '.join(found.asked)}"
        )
    return "收件箱是空的 / the inbox is empty"


def watermark_sensor(settings: Settings) -> dg.SensorDefinition:
    """Asks for a pull when the watermark of a database of ``sources.yml`` has moved."""

    @dg.sensor(
        name="watermark",
        job_name=BUILD_JOB,
        minimum_interval_seconds=WATERMARK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="sources.yml 中的数据库有新记录时取数 / pulls databases with new rows",
    )
    def watch(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        before: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
        moved, troubles = {}, []
        for name, entry in sources_of(settings).items():
            if entry.watermark is None:
                continue
            try:
                wish = entry.wish()
                with open_source(wish.address, wish.origin) as source:
                    latest = source.latest(entry.watermark, before.get(name), None)
            except Refused as refusal:
                troubles.append(f"{name}: {refusal.text}")
                continue
            if latest is not None and latest != before.get(name):
                moved[name] = latest
        context.update_cursor(json.dumps(before | moved))
        for name, latest in moved.items():
            load = {"config": {"paths": [], "sources": [name], "only_new": True}}
            yield dg.RunRequest(
                run_key=f"watermark-{name}-{latest}",
                run_config={"ops": {"ingest": load}},
                tags={"yibao/source": name},
            )
        if not moved:
            yield dg.SkipReason("; ".join(troubles) or "没有新记录 / nothing new")

    return watch
