"""Dagster's storage: made by init under the lock, on SQLite or on PostgreSQL, telemetry off."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
import yaml

from orchestration.lib.assemble import assemble
from orchestration.lib.names import BUILD_JOB
from warehouse.home import init_home, writer
from warehouse.settings import PROJECT_ROOT, Settings, load_settings
from warehouse.texts import Refused


def make(settings: Settings) -> None:
    with writer(settings):
        init_home(settings)


def test_init_makes_the_storage_with_telemetry_off(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "home")
    make(settings)
    content = yaml.safe_load((settings.dagster_home / "dagster.yaml").read_text(encoding="utf-8"))
    assert content["telemetry"] == {"enabled": False}
    assert (settings.dagster_home / "history" / "runs.db").exists()
    assert (settings.dagster_home / "schedules" / "schedules.db").exists()


def test_two_first_starts_at_once_give_one_sound_storage(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command = [sys.executable, "-m", "warehouse.cli", "init", "--home", str(home)]
    both = [subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [each.wait() for each in both] == [0, 0]
    with dg.DagsterInstance.from_config(str(load_settings(home).dagster_home)) as instance:
        assert instance.get_runs_count() == 0
        assert instance.schedule_storage is not None
        assert instance.schedule_storage.all_instigator_state() == []


@pytest.mark.parametrize("url", ["mysql://a@b/c", "postgresql://nobody:secret@127.0.0.1:1/none"])
def test_a_storage_that_cannot_be_used_is_refused_without_the_password(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIBAO_DAGSTER_URL", url)
    settings = load_settings(tmp_path / "home")
    with pytest.raises(Refused, match="YIBAO_DAGSTER_URL") as refusal:
        make(settings)
    assert "secret" not in str(refusal.value.text)
    assert not (settings.dagster_home / "dagster.yaml").exists()


@pytest.mark.system
def test_history_is_kept_in_postgresql(
    own_home: Settings, postgres: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgresql_url = f"postgresql://yibao@/postgres?host={postgres}"
    monkeypatch.setenv("YIBAO_DAGSTER_URL", postgresql_url)
    settings = load_settings(own_home.home)
    make(settings)
    text = (settings.dagster_home / "dagster.yaml").read_text(encoding="utf-8")
    assert postgresql_url not in text
    job = assemble(settings).resolve_job_def(BUILD_JOB)
    config = {"ops": {"ingest": {"config": {"only_new": True}}}}
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        assert "Postgres" in type(instance.run_storage).__name__
        result = job.execute_in_process(run_config=config, instance=instance)
        assert result.success
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        assert [each.run_id for each in instance.get_runs()] == [result.run_id]
    monkeypatch.delenv("YIBAO_DAGSTER_URL")
    with pytest.raises(Refused, match="PostgreSQL"):
        make(load_settings(own_home.home))
