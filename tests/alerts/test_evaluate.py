"""What is found: on releases, in deliveries, in the last build; and that a release never suffers from it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
import sqlglot
from commands import Command
from sqlglot import exp

from warehouse.alerts import figures, rules
from warehouse.alerts.episodes import AlertEpisode, all_episodes, last_evaluation, open_episodes
from warehouse.alerts.evaluate import evaluate_alerts, is_due
from warehouse.control.history import record_batch_months
from warehouse.control.models import BatchMonth, BatchRecord
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.home import writer
from warehouse.release.pointer import Release, served
from warehouse.release.verify import roll_back
from warehouse.release.write import release
from warehouse.settings import Settings
from warehouse.transform import build, set_parameters

Deliver = Callable[..., BatchRecord]
DAY = date(2026, 8, 10)


@pytest.fixture
def green_is_an_alert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped figures hold one signal, and it is green: a rule on green is a real one on real figures."""
    text = rules.RULE_FILE.read_text(encoding="utf-8")
    own = tmp_path / "alert_rule.csv"
    own.write_text(
        text.replace("indicator_red,threshold,red", "indicator_green,threshold,green"), encoding="utf-8"
    )
    monkeypatch.setattr(rules, "RULE_FILE", own)


def of(settings: Settings, rule: str) -> list[AlertEpisode]:
    return [each for each in all_episodes(settings) if each.rule_code == rule]


def released(settings: Settings, data_to: date | None) -> Release:
    with writer(settings):
        set_parameters(settings, data_to, None)
        build(settings)
        return release(settings)


@pytest.mark.usefixtures("green_is_an_alert")
def test_episodes_follow_the_releases(own_home: Settings) -> None:
    evaluate_alerts(own_home)
    (signal,) = of(own_home, "indicator_green")
    assert (
        signal.message_zh == "海南省城乡居民基本医保可支付月数（居民，公布值）截至 2020-12-31：11.0个月，适度"
    )
    first = served(own_home)
    second = released(own_home, date(2015, 12, 31))
    (signal,) = of(own_home, "indicator_green")
    assert signal.resolved_at is not None
    assert signal.first_release == signal.last_release == first.release_id
    (withdrawn,) = of(own_home, "figures_withdrawn")
    assert withdrawn.subject_key == second.release_id
    assert str(second.manifest()["changes"]["withdrawn"]) in withdrawn.message_zh
    with writer(own_home):
        roll_back(own_home, first, "try")
    again, before = of(own_home, "indicator_green")
    assert (again.resolved_at, before.episode_id) == (None, signal.episode_id)
    assert of(own_home, "figures_withdrawn")[0].resolved_at is not None
    with writer(own_home):
        roll_back(own_home, second, "try")
    assert len(of(own_home, "figures_withdrawn")) == 1


@pytest.mark.usefixtures("green_is_an_alert")
def test_a_hidden_figure_gives_no_alert(own_home: Settings) -> None:
    evaluate_alerts(own_home)
    assert len(of(own_home, "indicator_green")) == 1
    path = served(own_home).database
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "update report.leader_kpi set shown_value = null, qualifier = '＜5' where signal is not null"
        )
    evaluate_alerts(own_home)
    assert [each for each in of(own_home, "indicator_green") if each.resolved_at is None] == []


def test_the_shipped_figures_contradict_themselves_and_it_is_said(own_home: Settings) -> None:
    evaluation = evaluate_alerts(own_home)
    assert evaluation.problems == ()
    (episode,) = of(own_home, "reconciliation_failed")
    with duckdb.connect(str(served(own_home).database), read_only=True) as connection:
        (unmet,) = connection.sql(
            "select count(*) from quality.reconciliation where not is_met and severity = 'error'"
        ).fetchall()[0]
    assert episode.value_text == str(unmet)
    assert "报表内的恒等式" in episode.message_zh


def test_a_damaged_release_file_is_noted_and_its_episodes_stay(own_home: Settings) -> None:
    evaluate_alerts(own_home)
    before = [each.episode_id for each in open_episodes(own_home)]
    assert before
    path = served(own_home).database
    path.chmod(0o644)
    path.write_bytes(b"no database")
    evaluation = evaluate_alerts(own_home)
    assert evaluation.problems
    assert [each.episode_id for each in open_episodes(own_home)] == before
    last = last_evaluation(own_home)
    assert last is not None
    assert "could not be evaluated" in (last.error or "")


def test_a_release_is_served_though_alerts_cannot_be_evaluated(
    own_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "alert_rule.csv"
    broken.write_text("rule_code,kind\nx,y\n", encoding="utf-8")
    monkeypatch.setattr(rules, "RULE_FILE", broken)
    said: list[str] = []
    with writer(own_home):
        written = release(own_home, lambda text: said.append(str(text)))
    assert served(own_home) == written
    assert any("预警未能评估" in each for each in said)
    assert "alert_rule.csv" in (own_home.logs / "alerts.log").read_text(encoding="utf-8")


def test_findings_that_jump_are_said(own_home: Settings) -> None:
    with writer(own_home):
        second = release(own_home)
    assert of(own_home, "findings_jump") == []
    path = second.folder / "manifest.json"
    path.chmod(0o644)
    manifest = json.loads(path.read_text(encoding="utf-8"))
    former = manifest["tables"]["quality.finding"]["rows"]
    manifest["tables"]["quality.finding"]["rows"] = former * 2
    path.write_text(json.dumps(manifest), encoding="utf-8")
    evaluate_alerts(own_home)
    (episode,) = of(own_home, "findings_jump")
    assert episode.value_text == f"{former} → {former * 2}"


def test_a_new_release_is_evaluated_by_itself_and_a_new_day_is_due(own_home: Settings) -> None:
    with writer(own_home):
        written = release(own_home)
    last = last_evaluation(own_home)
    assert last is not None
    assert (last.release_id, last.error) == (written.release_id, None)
    assert not is_due(own_home, last.evaluated_on)
    assert is_due(own_home, date(2099, 1, 1))


def test_overdue_feeds_open_one_episode_each_until_they_arrive(bare_home: Settings, deliver: Deliver) -> None:
    first = deliver("fund_ledger", date(2026, 5, 10))
    record_batch_months(
        bare_home,
        [BatchMonth(batch_id=first.batch_id, month=date(2026, each, 1), rows_touched=1) for each in (3, 4)],
    )
    evaluate_alerts(bare_home, date(2026, 6, 10))
    assert of(bare_home, "delivery_overdue") == []
    evaluate_alerts(bare_home, DAY)
    (episode,) = of(bare_home, "delivery_overdue")
    assert episode.value_text == "2026-05, 2026-06"
    assert FEEDS["fund_ledger"].feed_zh in episode.message_zh
    late = deliver("fund_ledger", date(2026, 8, 9))
    months = [
        BatchMonth(batch_id=late.batch_id, month=date(2026, each, 1), rows_touched=1) for each in (5, 6)
    ]
    record_batch_months(bare_home, months)
    evaluate_alerts(bare_home, DAY)
    assert of(bare_home, "delivery_overdue")[0].resolved_at is not None


def test_a_refused_file_is_said_until_a_good_one_comes_or_thirty_days_pass(
    bare_home: Settings, deliver: Deliver
) -> None:
    deliver("settlement", date(2026, 8, 1), status="refused")
    deliver("?", date(2026, 8, 2), status="refused")
    evaluate_alerts(bare_home, DAY)
    assert {each.subject_key for each in open_episodes(bare_home)} == {"settlement", "?"}
    deliver("settlement", date(2026, 8, 3))
    evaluate_alerts(bare_home, DAY)
    assert {each.subject_key for each in of(bare_home, "file_refused") if not each.resolved_at} == {"?"}
    evaluate_alerts(bare_home, date(2026, 9, 5))
    assert [each for each in of(bare_home, "file_refused") if not each.resolved_at] == []


def test_a_jump_of_refused_rows_is_said(bare_home: Settings, deliver: Deliver) -> None:
    deliver("settlement", date(2026, 6, 1), refused=5)
    deliver("settlement", date(2026, 7, 1), refused=15)
    evaluate_alerts(bare_home, DAY)
    assert of(bare_home, "refused_share_jump") == []
    deliver("settlement", date(2026, 8, 1), refused=40)
    evaluate_alerts(bare_home, DAY)
    (episode,) = of(bare_home, "refused_share_jump")
    assert episode.value_text == "1.0% → 4.0%"
    deliver("settlement", date(2026, 8, 2), refused=0)
    evaluate_alerts(bare_home, DAY)
    assert of(bare_home, "refused_share_jump")[0].resolved_at is not None


def test_without_a_release_figures_are_neither_found_nor_resolved(bare_home: Settings) -> None:
    evaluation = evaluate_alerts(bare_home, DAY)
    assert (evaluation.release_id, evaluation.problems) == (None, ())


def test_a_failed_build_is_said_by_name_until_one_passes(own_home: Settings) -> None:
    own_home.failed_build.write_text(json.dumps({"failed": ["test unique_region_region_code"]}))
    evaluate_alerts(own_home)
    (episode,) = of(own_home, "build_failed")
    assert (episode.severity, episode.value_text) == ("critical", "1")
    assert "unique_region_region_code" in episode.message_zh
    with writer(own_home):
        set_parameters(own_home, None, None)
        build(own_home)
    assert not own_home.failed_build.exists()
    evaluate_alerts(own_home)
    assert of(own_home, "build_failed")[0].resolved_at is not None


def test_personal_data_in_file_names_and_refusals_never_reach_an_alert(
    bare_home: Settings, deliver: Deliver
) -> None:
    secret = ("张三", "460100199001011234", "13800001111")
    name = f"{secret[0]}_{secret[1]}.csv"
    said = f"{name}: {secret[0]} {secret[1]} {secret[2]}"
    deliver("settlement", date(2026, 6, 1), name=name)
    deliver("settlement", date(2026, 7, 1), refused=500, name=name)
    deliver("settlement", date(2026, 8, 1), status="refused", name=name, message=said)
    evaluate_alerts(bare_home, DAY)
    episodes = all_episodes(bare_home)
    assert {each.rule_code for each in episodes} >= {"file_refused", "refused_share_jump", "delivery_overdue"}
    text = "\n".join(str(each.model_dump()) for each in episodes)
    assert not any(each in text for each in secret)
    assert not re.search(r"\d{17}[\dXx]", text)


@pytest.mark.parametrize("query", [figures.SIGNALLED, figures.UNMET])
def test_queries_read_public_aggregates_and_no_column_about_a_person(query: str) -> None:
    parsed = sqlglot.parse_one(query, read="duckdb")
    tables = {f"{each.db}.{each.name}" for each in parsed.find_all(exp.Table)}
    assert tables <= {"report.leader_kpi", "reference.region", "reference.code", "quality.reconciliation"}
    personal = {
        column.name
        for feed in FEEDS.values()
        for column in columns_of(feed)
        if column.sensitivity == "personal"
    } | {"psn_key", "psn_no", "psn_name", "certno"}
    assert not {each.name for each in parsed.find_all(exp.Column)} & personal


def test_two_processes_evaluate_one_home_at_once(own_home: Settings, yibao: Command) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        finished = list(pool.map(lambda _: yibao("alerts", "check", "--home", own_home.home), range(2)))
    assert [each.returncode for each in finished] == [0, 0], finished
    assert len(of(own_home, "reconciliation_failed")) == 1


def test_the_release_that_is_served_at_the_end_is_the_one_that_counts(
    own_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another release is put in service while one is looked at: it is looked at again."""
    first = served(own_home)
    other = Release("R20990101-000000-01", own_home.releases / "R20990101-000000-01")
    shutil.copytree(first.folder, other.folder)
    seen: list[str] = []
    real = figures.reconciliations

    def swapping(listed: list[rules.AlertRule], looked_at: figures.Served) -> Iterator[figures.Finding]:
        seen.append(looked_at.release.release_id)
        if len(seen) == 1:
            own_home.pointer.write_text(json.dumps({"release_id": other.release_id}))
        return real(listed, looked_at)

    monkeypatch.setattr(figures, "reconciliations", swapping)
    assert evaluate_alerts(own_home).release_id == other.release_id
    assert seen == [first.release_id, other.release_id]


def test_evaluating_is_stamped_with_the_moment(own_home: Settings) -> None:
    before = datetime.now(UTC)
    evaluate_alerts(own_home)
    last = last_evaluation(own_home)
    assert last is not None
    assert before <= last.evaluated_at <= datetime.now(UTC)
