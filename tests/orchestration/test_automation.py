"""Schedules, the watermark sensor, freshness and partitions: what is asked for, and when it is not."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import create_engine

from orchestration.defs.ingest.sensors import watermark_sensor
from orchestration.defs.maintenance.schedules import schedules
from orchestration.lib.assemble import assemble
from orchestration.lib.freshness import MONTHS, freshness_of, partitions_of
from orchestration.lib.names import BUILD_JOB, CLOSE_JOB
from warehouse.control.history import lock_month, record_batches
from warehouse.control.models import BatchRecord
from warehouse.feeds import FEEDS
from warehouse.ingest.sources import sources_of
from warehouse.settings import Settings, load_settings
from warehouse.texts import Refused

TENTH = datetime(2025, 7, 9, 22, 0, tzinfo=UTC)  # 06:00 of the 10th in China
TWENTIETH = datetime(2025, 7, 20, 12, 0, tzinfo=UTC)
SOURCE = """
sources:
  hospital:
    feed: settlement
    url: YIBAO_TEST_URL
    table: setl_d
    watermark: updt_time
"""


def schedule(settings: Settings, name: str) -> dg.ScheduleDefinition:
    (found,) = [each for each in schedules(settings) if each.name == name]
    return found


def tick(settings: Settings, name: str, moment: datetime) -> dg.RunRequest | str:
    repository = assemble(settings).get_repository_def()
    context = dg.build_schedule_context(scheduled_execution_time=moment, repository_def=repository)
    data = schedule(settings, name).evaluate_tick(context)
    if data.run_requests:
        return data.run_requests[0]
    return data.skip_message or ""


def deliver(settings: Settings) -> None:
    record = BatchRecord(
        batch_id="settlement-1",
        feed="settlement",
        file_name="s.csv",
        sha256="0" * 64,
        known_on=date(2025, 7, 1),
        status="accepted",
        rows_read=1,
        rows_accepted=1,
        rows_refused=0,
        rows_duplicate=0,
        message_zh="",
        message_en="",
        received_at=TENTH,
    )
    record_batches(settings, [record])


def test_schedules_run_by_the_clock_of_china(released_home: Path) -> None:
    found = {each.name: each for each in schedules(load_settings(released_home))}
    assert {each.execution_timezone for each in found.values()} == {"Asia/Shanghai"}
    assert {each.default_status for each in found.values()} == {dg.DefaultScheduleStatus.RUNNING}
    crons = {name: each.cron_schedule for name, each in found.items()}
    assert crons == {
        "daily_increment": "0 2 * * *",
        "preliminary_figures": "0 6 10 * *",
        "monthly_close": "0 20 20 * *",
    }


def test_without_platform_data_no_month_is_computed_or_closed(released_home: Path) -> None:
    settings = load_settings(released_home)
    assert "还没有平台数据" in str(tick(settings, "preliminary_figures", TENTH))
    assert "还没有平台数据" in str(tick(settings, "monthly_close", TWENTIETH))


def test_the_daily_increment_takes_the_inbox_and_stops_without_news(released_home: Path) -> None:
    request = tick(load_settings(released_home), "daily_increment", TENTH)
    assert isinstance(request, dg.RunRequest)
    assert request.run_config["ops"]["ingest"]["config"] == {"only_new": True, "sources": []}
    assert request.run_key == "daily-2025-07-10"


def test_preliminary_figures_end_with_last_month(own_home: Settings) -> None:
    deliver(own_home)
    request = tick(own_home, "preliminary_figures", TENTH)
    assert isinstance(request, dg.RunRequest)
    limits = request.run_config["ops"]["build"]["config"]
    assert limits == {"data_to": "2025-06-30", "known_on": "2025-07-10"}


def test_the_close_is_for_last_month_and_only_once(own_home: Settings) -> None:
    deliver(own_home)
    request = tick(own_home, "monthly_close", TWENTIETH)
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == "2025-06-01"
    lock_month(own_home, date(2025, 6, 1), date(2025, 7, 20))
    assert "早已锁定" in str(tick(own_home, "monthly_close", TWENTIETH))


def test_run_configs_of_the_schedules_fit_their_jobs(own_home: Settings) -> None:
    deliver(own_home)
    definitions = assemble(own_home)
    for name, moment in (("daily_increment", TENTH), ("preliminary_figures", TENTH)):
        request = tick(own_home, name, moment)
        assert isinstance(request, dg.RunRequest)
        assert dg.validate_run_config(definitions.resolve_job_def(BUILD_JOB), dict(request.run_config))
    assert definitions.resolve_job_def(CLOSE_JOB).partitions_def == MONTHS


def test_freshness_and_months_follow_the_contract() -> None:
    ledger = freshness_of(FEEDS["fund_ledger"])
    assert repr(ledger) == repr(
        dg.FreshnessPolicy.cron("0 0 21 * *", date(2025, 1, 21) - date(2025, 1, 1), "Asia/Shanghai")
    )
    grouping, settlement = freshness_of(FEEDS["grouping"]), freshness_of(FEEDS["settlement"])
    assert grouping is not None
    assert settlement is not None
    assert grouping.fail_window.to_timedelta().days == 31 + 50
    assert settlement.fail_window.to_timedelta().days == 2
    assert freshness_of(FEEDS["published_statistic"]) is None
    assert partitions_of(FEEDS["settlement"]) is MONTHS
    assert partitions_of(FEEDS["person"]) is None
    assert partitions_of(FEEDS["fund_budget"]) is None


def test_the_watermark_sensor_asks_once_for_each_watermark(
    own_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'source.sqlite'}"
    engine = create_engine(url)
    sensor = watermark_sensor(own_home)
    with dg.DagsterInstance.ephemeral() as instance:

        def look(cursor: str | None) -> dg.SensorResult:
            return sensor.evaluate_tick(dg.build_sensor_context(instance=instance, cursor=cursor))

        assert not look(None).run_requests
        own_home.sources.write_text(SOURCE, encoding="utf-8")
        silent = look(None)
        assert "YIBAO_TEST_URL" in str(silent.skip_message)
        monkeypatch.setenv("YIBAO_TEST_URL", url)
        with engine.begin() as connection:
            connection.exec_driver_sql("create table setl_d (setl_id text, updt_time text)")
            connection.exec_driver_sql("insert into setl_d values ('1', '2024-04-01 10:00:00')")
        first = look(None)
        (request,) = first.run_requests or []
        assert request.run_key == "watermark-hospital-2024-04-01 10:00:00"
        assert request.run_config["ops"]["ingest"]["config"]["sources"] == ["hospital"]
        assert json.loads(first.cursor or "") == {"hospital": "2024-04-01 10:00:00"}
        assert not look(first.cursor).run_requests
        with engine.begin() as connection:
            connection.exec_driver_sql("insert into setl_d values ('2', '2024-04-02 10:00:00')")
        (request,) = look(first.cursor).run_requests or []
        assert request.run_key == "watermark-hospital-2024-04-02 10:00:00"
    engine.dispose()


@pytest.mark.parametrize(
    "content",
    [
        "sources: [",
        "sources: {a: {feed: settlement}}",
        "sources: {a: {feed: none, table: t}}",
        "sources: {a: {feed: settlement, table: t, password: x}}",
    ],
)
def test_a_wrong_list_of_sources_is_refused(tmp_path: Path, content: str) -> None:
    settings = load_settings(tmp_path)
    settings.sources.write_text(content, encoding="utf-8")
    with pytest.raises(Refused, match=r"sources\.yml"):
        sources_of(settings)
