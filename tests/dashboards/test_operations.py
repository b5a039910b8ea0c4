"""The operator's page and the comparison of releases: what failed, what it spoils, serving an earlier release."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from commands import Command
from streamlit.testing.v1 import AppTest

from dashboards.components import frame
from dashboards.services import comparison, operations, runs, spoilage
from dashboards.services.releases import connect, others
from warehouse.alerts.episodes import open_episodes
from warehouse.control.accounts import add_account
from warehouse.control.actor import Actor
from warehouse.control.audit import Filter, entries
from warehouse.control.history import record_batches
from warehouse.control.login import authenticate, change_password
from warehouse.control.models import BatchRecord
from warehouse.release.pointer import PROVINCE, find, on_disk, served
from warehouse.settings import PROJECT_ROOT, Settings, load_settings
from warehouse.texts import Busy, Refused

APP = PROJECT_ROOT / "dashboards" / "app.py"
OPERATIONS, RELEASES = "app_pages/operator/operations.py", "app_pages/statistician/releases.py"
PARTS = ("now", "alerts", "releases", "runs", "batches", "impact", "quarantine", "freshness")
WORD, NEW_WORD = "Erstes-Wort-2026", "Zweites-Wort-2026"
HOLDER = """
import sys, time
from pathlib import Path
from warehouse.home import writer
from warehouse.settings import load_settings
with writer(load_settings(sys.argv[1])):
    Path(sys.argv[2]).touch()
    time.sleep(120)
"""


@pytest.fixture(scope="module")
def two_releases(released_home: Path, tmp_path_factory: pytest.TempPathFactory, yibao: Command) -> Path:
    """A home with a second, shorter release, and a run that failed on a bad file."""
    folder = tmp_path_factory.mktemp("operations")
    home = Path(shutil.copytree(released_home, folder / "home"))
    bad = folder / "settlement_2025-06.csv"
    bad.write_text("setl_id,psn_name\n1,张三丰\n", encoding="utf-8")
    finished = yibao("build", "--data-to", "2023-12-31", "--home", home)
    assert finished.returncode == 0, finished.stderr
    finished = yibao("release", "--note", "试短", "--home", home)
    assert finished.returncode == 0, finished.stderr
    assert yibao("run", bad, "--home", home).returncode == 1
    return home


@pytest.fixture
def home(two_releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A copy that a test may change, as the pages find it."""
    own = tmp_path / "home"
    shutil.copytree(two_releases, own)
    monkeypatch.setenv("YIBAO_HOME", str(own))
    return load_settings()


def opened(page: str, **parameters: str) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    return app.run().switch_page(page).run()


def words(app: AppTest) -> str:
    bodies = [element.proto.body for element in app.get("html")]
    return re.sub(r"<[^>]+>", " ", "\n".join(body for body in bodies if not body.startswith("<style>")))


def ids(settings: Settings) -> tuple[str, str]:
    """The older release and the one that is served."""
    now = served(settings).release_id
    (older,) = (each.release_id for each in on_disk(settings) if each.release_id != now)
    return older, now


def refusal(file_name: str, feed: str, at: datetime, status: str = "refused") -> BatchRecord:
    return BatchRecord(
        batch_id=f"{status}-{file_name}-{at:%H%M}",
        feed=feed,
        file_name=file_name,
        sha256="0" * 64,
        known_on=date(2025, 7, 10),
        status=status,
        rows_read=0,
        rows_accepted=0,
        rows_refused=0,
        rows_duplicate=0,
        message_zh="整批退回",
        message_en="refused as a whole",
        received_at=at,
    )


def spoiled_by(settings: Settings) -> spoilage.Spoiled:
    """What the one troubled feed with a contract spoils."""
    connection = connect(served(settings).database)
    try:
        found = spoilage.spoiled(settings, connection, operations.months()[0], "zh")
    finally:
        connection.close()
    (known,) = [each for each in found if each.feed != "?"]
    return known


@contextmanager
def building(settings: Settings, flag: Path) -> Iterator[None]:
    """Another process that holds the writer's lock, as a build does."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(settings.home), str(flag)], cwd=PROJECT_ROOT
    )
    try:
        while not flag.exists():
            assert process.poll() is None
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("part", PARTS)
def test_each_part_of_the_page_is_shown(home: Settings, part: str, lang: str) -> None:
    app = opened(OPERATIONS, part=part, lang=lang)
    assert not app.exception
    assert not app.error
    alerts = len(open_episodes(home))
    assert alerts
    assert (f"{alerts} 条预警" if lang == "zh" else f"open alerts: {alerts}") in app.title[0].value
    assert served(home).release_id in words(app)
    assert "张三丰" not in words(app)


def test_releases_are_listed_with_what_changed_and_which_is_served(home: Settings) -> None:
    older, now = ids(home)
    shown = words(opened(OPERATIONS, part="releases"))
    assert shown.index(f"{now} ") < shown.index(older)
    assert re.search(rf"{now}\s+●\s+正在服务", shown)
    assert re.search(r"撤下 [\d,]+", shown)
    assert "试短" in shown


def test_a_failed_run_is_shown_with_its_step_and_reason(home: Settings) -> None:
    newest = runs.last_runs(home)[0]
    assert (newest.state, [each.step for each in newest.failed]) == ("failure", ["ingest"])
    assert "settlement_2025-06.csv" in newest.failed[0].reason
    shown = words(opened(OPERATIONS, part="runs"))
    assert "失败" in shown
    assert "settlement_2025-06.csv" in shown
    assert "成功" in shown


def test_without_dagster_there_are_no_runs_and_nothing_is_made(tmp_path: Path) -> None:
    assert runs.last_runs(load_settings(tmp_path / "none")) == []
    assert not (tmp_path / "none").exists()


def test_a_refused_file_is_listed_with_its_reason_and_spoils_its_indicators(home: Settings) -> None:
    record_batches(home, [refusal("settlement_2025-06b.csv", "settlement", datetime.now(UTC))])
    spoiled = spoiled_by(home)
    assert spoiled.feed == "settlement"
    assert "benefit.month" in spoiled.tables
    assert "alos" in spoiled.metric_keys
    assert not {"fund_cumulative_balance", "enrolled_persons"} & set(spoiled.metric_keys)
    assert "领导页" in spoiled.pages
    assert "整批退回" in words(opened(OPERATIONS, part="batches"))
    shown = words(opened(OPERATIONS))
    assert "F04 医保结算" in shown
    assert "未识别的文件" in shown
    assert "1 个文件整批退回、尚未修复" in shown
    assert "平均住院日" in shown


def test_a_refused_ledger_spoils_the_funds_cards_and_not_the_payment_ratio(home: Settings) -> None:
    record_batches(home, [refusal("fund_ledger_2025-06.csv", "fund_ledger", datetime.now(UTC))])
    spoiled = spoiled_by(home)
    assert {"累计结余", "可支付月数"} <= set(spoiled.cards)
    assert "政策范围内住院支付比例" not in spoiled.cards
    assert "fund_income_growth" in spoiled.metric_keys


@pytest.mark.parametrize(
    "name", ["settlement_2025-06.csv", "settlement_2025-06_退回.csv", "settlement_2025-06@2025-07-12.csv"]
)
def test_a_corrected_file_ends_the_trouble(home: Settings, name: str) -> None:
    first = refusal("settlement_2025-06.csv", "settlement", datetime(2025, 7, 10, 8, tzinfo=UTC))
    record_batches(home, [first])
    assert operations.refused_feeds(home)["settlement"] == 1
    other = refusal("settlement_2025-05.csv", "settlement", datetime(2025, 7, 10, 9, tzinfo=UTC), "accepted")
    record_batches(home, [other])
    assert operations.refused_feeds(home)["settlement"] == 1
    record_batches(home, [refusal(name, "settlement", datetime(2025, 7, 11, 8, tzinfo=UTC), "accepted")])
    assert "settlement" not in operations.refused_feeds(home)


def sent(app: AppTest, target: str, reason: str, typed: str) -> AppTest:
    app.selectbox(key="roll_back_target").set_value(target)
    app.text_input(key="roll_back_reason").set_value(reason)
    app.text_input(key="roll_back_typed").set_value(typed)
    (button,) = [each for each in app.button if each.label in ("回退", "Roll back")]
    return button.click().run()


def test_the_local_user_serves_an_earlier_release_from_the_page(home: Settings) -> None:
    older, now = ids(home)
    app = sent(opened(OPERATIONS, part="releases"), older, "试短版本有误", older)
    assert not app.exception
    assert app.success[0].value == f"现在服务 {older}。"
    assert served(home).release_id == older
    newest = entries(home, Filter(), 1)[0]
    assert (newest.actor, newest.channel, newest.action, newest.subject) == (
        "local",
        "page",
        "release.serve",
        older,
    )
    assert "试短版本有误" in newest.details
    assert find(home, now).release_id == now


@pytest.mark.parametrize(
    ("reason", "typed", "sentence"),
    [("", None, "理由"), ("有误", "R2", "一字不差"), ("有误", "", "一字不差")],
)
def test_a_roll_back_without_reason_or_confirmation_is_refused(
    home: Settings, reason: str, typed: str | None, sentence: str
) -> None:
    older, now = ids(home)
    app = sent(opened(OPERATIONS, part="releases"), older, reason, older if typed is None else typed)
    assert sentence in app.error[0].value
    assert served(home).release_id == now


def test_a_damaged_release_is_not_served(home: Settings) -> None:
    older, now = ids(home)
    file = find(home, older).file(PROVINCE)
    file.chmod(0o644)
    with file.open("r+b") as stream:
        stream.seek(5000)
        stream.write(b"damaged")
    app = sent(opened(OPERATIONS, part="releases"), older, "试", older)
    assert "已损坏" in app.error[0].value
    assert served(home).release_id == now


def test_while_a_build_runs_the_page_says_so_and_does_not_wait_for_it(home: Settings, tmp_path: Path) -> None:
    older, now = ids(home)
    app = opened(OPERATIONS, part="releases")
    with building(home, tmp_path / "held"):
        started = time.monotonic()
        app = sent(app, older, "试", older)
        assert time.monotonic() - started < operations.PATIENCE_SECONDS + 10
        assert "没有回退" in app.warning[0].value
        with pytest.raises(Busy):
            operations.roll_back_to(home, older, "试", older, Actor("local", "page"))
    assert served(home).release_id == now


def account(home: Settings, monkeypatch: pytest.MonkeyPatch, role: str, scope: str = "province") -> None:
    """Log in as a new account; the first one is an operator."""
    add_account(home, "admin", "operator", "province", WORD)
    monkeypatch.setenv("YIBAO_ACTOR", "admin")
    name = f"my-{role}"
    add_account(home, name, role, scope, WORD)
    token = change_password(home, authenticate(home, name, WORD), WORD, NEW_WORD)
    monkeypatch.setattr(frame, "session_token", lambda: token)


def test_an_operator_decides_under_the_own_name(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    account(home, monkeypatch, "operator")
    older, _ = ids(home)
    app = sent(opened(OPERATIONS, part="releases", lang="en"), older, "wrong figures", older)
    assert not app.exception
    assert served(home).release_id == older
    newest = entries(home, Filter(), 1)[0]
    assert (newest.actor, newest.channel, newest.action) == ("my-operator", "page", "release.serve")


@pytest.mark.parametrize("role", ["leader", "planner", "statistician"])
def test_other_roles_have_no_such_page_and_may_not_decide(
    home: Settings, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    account(home, monkeypatch, role)
    older, now = ids(home)
    with pytest.raises(Refused, match="角色"):
        operations.roll_back_to(home, older, "试", older, Actor(f"my-{role}", "page"))
    assert served(home).release_id == now
    with pytest.raises(ValueError, match="navigation page"):
        opened(OPERATIONS)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_two_releases_are_compared_with_reasons(home: Settings, lang: str) -> None:
    older, now = ids(home)
    found = comparison.compare(find(home, older), find(home, now), PROVINCE)
    assert set(found.counts) == {"withdrawn"}
    app = opened(RELEASES, lang=lang, reason="withdrawn")
    assert not app.exception
    assert not app.error
    assert f"{found.counts['withdrawn']:,}" in app.title[0].value
    assert ("撤下" if lang == "zh" else "withdrawn") in words(app)
    assert found.export("withdrawn", lang).num_rows == found.counts["withdrawn"]
    assert found.export("completion", lang).num_rows == 0
    assert "reason" not in found.export("all", lang).column_names


def test_a_county_statistician_compares_the_county_file(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(home, monkeypatch, "statistician", "460100")
    for each in on_disk(home):
        each.file(PROVINCE).unlink()
    app = opened(RELEASES)
    assert not app.exception
    assert not app.error
    assert "个数不同" in app.title[0].value or "没有不同的数" in app.title[0].value


def test_the_release_before_is_compared_first() -> None:
    assert others(["R3", "R4", "R2", "R1"]) == ["R2", "R1", "R4"]
    assert others(["R3", "R4", "R2", "R1"], "R1") == ["R2", "R3", "R4"][::-1]
