"""Dagster: dbt models as assets, dbt tests as checks, one job, thin definitions."""

from __future__ import annotations

import ast
from pathlib import Path

import dagster as dg
import pytest

from orchestration.lib.assemble import assemble
from orchestration.lib.launch import run_pipeline
from orchestration.lib.names import BUILD_JOB
from warehouse.control.history import batch_records
from warehouse.release.pointer import served
from warehouse.settings import PROJECT_ROOT, PUBLISHED_DATA, Settings, load_settings
from warehouse.texts import Refused, Text


def test_graph_goes_from_raw_to_release(released_home: Path) -> None:
    graph = assemble(load_settings(released_home)).resolve_asset_graph()
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert {"raw/published_figure", "raw/published_statistic", "release"} <= keys
    assert "indicator/indicator_value" in keys
    value = dg.AssetKey(["indicator", "indicator_value"])
    assert value in graph.get(dg.AssetKey("release")).parent_keys
    assert (
        dg.AssetKey(["raw", "published_figure"])
        in graph.get(dg.AssetKey(["staging", "stg_published__figure"])).parent_keys
    )
    assert len(graph.asset_check_keys) >= 10


def test_a_run_is_recorded_with_its_checks(released_home: Path) -> None:
    settings = load_settings(released_home)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        (run,) = instance.get_runs()
        assert (run.job_name, run.status) == (BUILD_JOB, dg.DagsterRunStatus.SUCCESS)
        assert instance.get_latest_materialization_event(dg.AssetKey("release")) is not None


def test_a_refused_file_fails_the_run_and_keeps_the_release(own_home: Settings, tmp_path: Path) -> None:
    before = served(own_home).release_id
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    said: list[Text] = []
    with pytest.raises(Refused, match=r"bad\.csv"):
        run_pipeline(own_home, [bad], None, None, said.append)
    assert served(own_home).release_id == before


def test_a_refused_file_does_not_stop_the_others(own_home: Settings, tmp_path: Path) -> None:
    """What was accepted is built and released, and the refused file is named; a strict run stops as ever."""
    before = served(own_home).release_id
    bad, good = tmp_path / "bad.csv", tmp_path / "supervision@2026-11-22.csv"
    bad.write_text("a,b\n1,2\n", encoding="utf-8")
    text = (PUBLISHED_DATA / "supervision.csv").read_text(encoding="utf-8")
    good.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(Refused, match=r"bad\.csv"):
        run_pipeline(own_home, [bad, good], None, None, lambda _: None, is_strict=True)
    assert served(own_home).release_id == before
    (refused,) = run_pipeline(own_home, [bad, good], None, None, lambda _: None)
    assert "bad.csv" in refused
    after = served(own_home)
    assert after.release_id != before
    (batch,) = [each for each in batch_records(own_home) if each.file_name == good.name]
    assert batch.batch_id in after.manifest()["batches"]


def test_definitions_only_load_and_merge() -> None:
    text = (PROJECT_ROOT / "orchestration" / "definitions.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    calls = [node for node in ast.parse(text).body if isinstance(node, (ast.Expr, ast.Assign))]
    assert len(calls) == 1
