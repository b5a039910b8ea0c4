"""An engine that lets a node down costs no build, leaves no half table, and is said and kept."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import duckdb
import pytest
from commands import Command
from engine_faults import put_fault

from warehouse.alerts.episodes import open_episodes
from warehouse.alerts.evaluate import evaluate_alerts, is_due
from warehouse.clock import today
from warehouse.engine.attempt import stop
from warehouse.home import writer
from warehouse.release.pointer import served
from warehouse.settings import PROJECT_ROOT, Settings, load_settings
from warehouse.texts import Refused, Text
from warehouse.transform import build, forget_months, last_engine_faults, run_models, set_parameters

STAYS = "+int_benefit__stays"
TWICE = "models: [{name: int_benefit__stays, description: described elsewhere as well}]"


@pytest.fixture(scope="module")
def stays_home(tmp_path_factory: pytest.TempPathFactory, yibao: Command) -> Path:
    """A small province, loaded and built as far as its stays. Read only."""
    folder = tmp_path_factory.mktemp("stays")
    home, out = folder / "home", folder / "province"
    dates = ("--from", "2025-01", "--to", "2025-02")
    assert yibao("generate", "--persons", "2000", *dates, "--clean", "--out", out).returncode == 0
    assert yibao("ingest", out / "feeds", "--home", home).returncode == 0
    settings = load_settings(home)
    with writer(settings):
        set_parameters(settings, None, None)
        assert not run_models(settings, select=STAYS).failures
    return home


@pytest.fixture
def own_stays(stays_home: Path, tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    shutil.copytree(stays_home, home)
    return load_settings(home)


def stays(settings: Settings) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return connection.execute("select * from intermediate.int_benefit__stays order by all").fetchall()


@pytest.mark.parametrize("kind", ["internal", "crash"])
def test_an_incremental_table_is_rebuilt_after_a_fault_in_the_middle_of_its_writing(
    own_stays: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    before = stays(own_stays)
    assert len(before) > 10
    put_fault(monkeypatch, tmp_path, "int_benefit__stays", kind)
    said: list[Text] = []
    with writer(own_stays):
        forget_months(own_stays, date(2025, 1, 1), date(2025, 1, 1))
        result = run_models(own_stays, select=STAYS, warn=said.append)
    assert result.failures == []
    assert [each.node for each in result.engine_faults] == ["int_benefit__stays"]
    assert "int_benefit__stays" in said[0].zh
    assert {each.status for each in result.results} <= {"success", "pass"}
    assert stays(own_stays) == before


@pytest.mark.parametrize("kind", ["internal", "crash"])
def test_a_fault_without_the_optimizer_as_well_fails_the_build_in_one_sentence(
    own_stays: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    before = stays(own_stays)
    put_fault(monkeypatch, tmp_path, "int_benefit__stays", kind, "always")
    with writer(own_stays):
        forget_months(own_stays, date(2025, 1, 1), date(2025, 1, 1))
        result = run_models(own_stays, select=STAYS)
    (failure,) = result.failures
    assert "int_benefit__stays" in failure
    assert "不用优化器" in failure
    assert "张三" not in failure
    assert stays(own_stays) == before
    assert not own_stays.passed_build.exists()


def test_a_fault_is_said_kept_in_the_record_and_alerted_until_a_build_without_one(
    own_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate_alerts(own_home)
    assert not is_due(own_home, today())
    with monkeypatch.context() as patch:
        put_fault(patch, tmp_path, "int_published__measures_unioned")
        said: list[Text] = []
        with writer(own_home):
            set_parameters(own_home, None, None)
            build(own_home, warn=said.append)
    assert len(said) == 1
    assert "INTERNAL Error" in said[0].zh
    record = json.loads(own_home.passed_build.read_text(encoding="utf-8"))
    assert record["engine_faults"] == [{"node": "int_published__measures_unioned", "kind": "INTERNAL Error"}]
    assert set(record["tests"].values()) == {"pass"}
    assert last_engine_faults(own_home) == ["int_published__measures_unioned"]
    assert "张三" not in own_home.engine_faults.read_text(encoding="utf-8")
    assert is_due(own_home, today())
    evaluate_alerts(own_home)
    (episode,) = [each for each in open_episodes(own_home) if each.rule_code == "engine_fault"]
    assert "int_published__measures_unioned" in episode.message_zh
    with writer(own_home):
        set_parameters(own_home, None, None)
        build(own_home)
    assert last_engine_faults(own_home) == []
    evaluate_alerts(own_home)
    assert [each for each in open_episodes(own_home) if each.rule_code == "engine_fault"] == []


def test_a_killed_process_is_no_fault_of_the_engine(
    own_stays: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = put_fault(monkeypatch, tmp_path, "int_benefit__stays", "crash")
    plugin = project.parent.parent / "plugins" / "fault_on_purpose.py"
    plugin.write_text(plugin.read_text(encoding="utf-8").replace("SIGSEGV", "SIGKILL"), encoding="utf-8")
    before = stays(own_stays)
    with writer(own_stays), pytest.raises(Refused, match="被系统终止"):
        run_models(own_stays, select=STAYS)
    assert stays(own_stays) == before


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("twice.yml", TWICE, "int_benefit__stays"),
        ("torn.yml", "models: [", "torn.yml"),
        ("lost.sql", "select * from {{ ref('nowhere') }}", "nowhere"),
        ("open.sql", "select {{ ", "open"),
    ],
)
def test_a_project_that_cannot_be_parsed_is_said_in_one_sentence_and_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, said: str
) -> None:
    settings = load_settings(tmp_path / "home")
    project = put_fault(monkeypatch, tmp_path, "none")
    (project / "models" / name).write_text(content, encoding="utf-8")
    with writer(settings), pytest.raises(Refused, match="dbt 无法运行") as refused:
        run_models(settings)
    assert said in refused.value.text.zh
    assert "\n" not in refused.value.text.zh
    assert "Traceback" not in refused.value.text.zh
    with writer(settings, patience=0):  # nobody kept the lock
        stop()


def holders(session: int, file: Path) -> set[int]:
    """The living processes of a session, or those of them that hold a file open."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            state, _, _, of = (process / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(of) == session and state != "Z":
                found |= {int(process.name) for each in (process / "fd").iterdir() if each.readlink() == file}
    return found


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("file", ["writer.lock", "build.duckdb"], ids=["parsing", "building"])
def test_a_command_that_ends_takes_all_its_processes_along_at_once(
    own_stays: Settings, file: str, how: signal.Signals
) -> None:
    command = [sys.executable, "-m", "warehouse.cli", "build", "--home", str(own_stays.home)]
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        working: set[int] = set()
        while not working:
            assert process.poll() is None
            for server in map(int, children.read_text().split()):
                working = holders(server, own_stays.home / file)
            time.sleep(0.01)
        process.send_signal(how)
    ended = time.monotonic()
    while any(Path(f"/proc/{pid}/fd").exists() and holders(server, own_stays.home / file) for pid in working):
        assert time.monotonic() - ended < 3
    with writer(own_stays, patience=3):
        assert holders(server, own_stays.writer_lock) == set()


def test_a_killed_command_takes_its_builder_along_and_frees_the_lock(own_home: Settings) -> None:
    before = served(own_home).release_id
    command = [sys.executable, "-m", "warehouse.cli", "build", "--home", str(own_home.home)]
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while "/" not in process.stdout.readline():  # the first line of progress
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    begun = time.monotonic()
    with writer(own_home, patience=60):
        assert time.monotonic() - begun < 30
        with duckdb.connect(str(own_home.build_database)) as connection:  # nobody else holds the file
            assert connection.execute("select count(*) > 0 from raw.batch").fetchall() == [(True,)]
    assert served(own_home).release_id == before
