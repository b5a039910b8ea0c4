"""A release is verified, compared, rolled back, pinned and pruned; a damaged one is not served."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest
from commands import Command
from typer.testing import CliRunner

from warehouse.cli import app
from warehouse.commands.release import _figure
from warehouse.control.history import (
    pinned_releases,
    record_pin,
    recorded_releases,
    release_served_on,
    releases,
    serving,
)
from warehouse.home import writer
from warehouse.release.changes import difference_of
from warehouse.release.pointer import PROVINCE, STATISTICIAN, Release, find, on_disk, point, served
from warehouse.release.policy import check_policy, read_policy
from warehouse.release.retire import prunable, prune
from warehouse.release.settle import settle_releases
from warehouse.release.verify import damages, fall_back, roll_back
from warehouse.release.write import release
from warehouse.settings import Settings
from warehouse.texts import Refused
from warehouse.transform import build, set_parameters


def written(settings: Settings) -> Release:
    with writer(settings):
        return release(settings)


def spoil(release_: Release, name: str) -> None:
    path = release_.folder / name
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_every_public_table_has_a_rule_with_a_reason(release_db: duckdb.DuckDBPyConnection) -> None:
    tables = {
        f"{schema}.{table}"
        for schema, table in release_db.sql("select schema_name, table_name from duckdb_tables()").fetchall()
    } - {"reference.release"}
    rules = read_policy()
    assert set(rules) == tables
    unfounded = release_db.sql(
        "select table_name from reference.scope_table where reason_zh = '' or reason_en = ''"
    ).fetchall()
    assert unfounded == []
    with pytest.raises(Refused, match=r"fund\.new_table"):
        check_policy(rules, [*tables, "fund.new_table"])


def test_rules_by_region_name_a_column_that_exists(release_db: duckdb.DuckDBPyConnection) -> None:
    for rule in read_policy().values():
        if rule.region_column:
            release_db.sql(f'select "{rule.region_column}" from {rule.table} limit 0').fetchall()


def test_the_manifest_names_inputs_programs_and_files(own_home: Settings) -> None:
    manifest = served(own_home).manifest()
    assert len(manifest["dbt_fingerprint"]) == 64
    assert manifest["duckdb"] == duckdb.__version__
    assert {"indicator.registry", "indicator.formula"} <= set(manifest["definitions"])
    assert manifest["targets"]["plan.target"] == manifest["tables"]["plan.target"]["checksum"]
    assert manifest["thresholds"] == {
        "indicator.threshold": manifest["tables"]["indicator.threshold"]["checksum"]
    }
    scopes = {each["scope"] for each in manifest["files"].values()}
    assert {PROVINCE, STATISTICIAN, "460100"} <= scopes
    assert damages(own_home, served(own_home)) == []


def test_a_county_file_holds_its_own_rows_only(own_home: Settings) -> None:
    rules = read_policy()
    release_ = served(own_home)
    counties = [scope for scope in release_.scopes() if scope.isdigit()]
    assert counties
    for scope in counties:
        with duckdb.connect(str(release_.file(scope)), read_only=True) as connection:
            tables = connection.sql("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
            for (table,) in tables:
                if table == "reference.release":
                    assert connection.sql("select scope from reference.release").fetchall() == [(scope,)]
                    continue
                rule = rules[table]
                assert rule.in_province
                if rule.county_rows == "none":
                    assert connection.sql(f"from {table}").fetchall() == [], table
                if rule.region_column:
                    regions = connection.sql(f'select distinct "{rule.region_column}" from {table}')
                    found = {row[0] for row in regions.fetchall()}
                    assert found <= {scope, "460000", "000000", "all"}, table


def test_an_unknown_scope_is_refused(own_home: Settings) -> None:
    for scope in ("460999", "../province", ""):
        with pytest.raises(Refused, match="没有范围"):
            served(own_home).file(scope)


def test_a_damaged_release_is_refused_and_the_one_before_is_served(own_home: Settings) -> None:
    first, second = served(own_home), written(own_home)
    spoil(second, "province.duckdb")
    assert any("province.duckdb" in str(each) for each in damages(own_home, second))
    with writer(own_home):
        assert fall_back(own_home, second) == first
        with pytest.raises(Refused, match="已损坏"):
            roll_back(own_home, second, "try")
    assert served(own_home) == first
    assert serving(own_home) == first.release_id


def test_a_changed_manifest_is_noticed(own_home: Settings) -> None:
    now = served(own_home)
    path = now.folder / "manifest.json"
    path.chmod(0o644)
    path.write_text(path.read_text().replace('"pass"', '"fail"', 1))
    assert damages(own_home, now)
    path.write_text("{")
    assert damages(own_home, now)


def test_rolling_back_serves_the_earlier_release_again(own_home: Settings) -> None:
    first, second = served(own_home), written(own_home)
    assert served(own_home) == second
    with writer(own_home):
        roll_back(own_home, first, "口径有误")
        with pytest.raises(Refused, match="正在服务"):
            roll_back(own_home, first, "again")
    assert served(own_home) == first
    assert release_served_on(own_home, datetime.now().astimezone().date()) == first.release_id
    assert [record.release_id for record, _ in releases(own_home)] == [second.release_id, first.release_id]


def test_differences_name_old_new_and_reason(own_home: Settings) -> None:
    first = served(own_home)
    with writer(own_home):
        set_parameters(own_home, datetime(2020, 12, 31).date(), None)
        build(own_home)
        second = release(own_home, note="截至 2020 年")
    found = difference_of(first, second).to_pylist()
    assert {row["reason"] for row in found} == {"withdrawn"}
    assert all(row["old_value"] is not None and row["new_value"] is None for row in found)
    assert second.manifest()["changes"] == {"withdrawn": len(found)}
    assert second.manifest()["previous"] == first.release_id
    assert second.manifest()["note"] == "截至 2020 年"
    back = difference_of(second, first).to_pylist()
    assert {row["reason"] for row in back} == {"new_data"}
    assert len(back) == len(found)


def test_a_release_without_changes_says_so(own_home: Settings) -> None:
    second = written(own_home)
    assert second.manifest()["changes"] == {}
    assert difference_of(served(own_home), second).num_rows == 0


def test_pruning_spares_the_served_the_last_and_the_pinned(own_home: Settings) -> None:
    ids = [served(own_home).release_id, *(written(own_home).release_id for _ in range(5))]
    record_pin(own_home, ids[1], "年报")
    assert pinned_releases(own_home) == {ids[1]}
    with writer(own_home):
        roll_back(own_home, find(own_home, ids[0]), "try")
    later = datetime.now(UTC) + timedelta(days=1)
    assert prunable(own_home, 3, later) == [ids[2]]
    assert prunable(own_home, 3, later - timedelta(days=3)) == []
    with pytest.raises(Refused, match="3"):
        prunable(own_home, 2, later)
    prune(own_home, [ids[2]])
    assert [each.release_id for each in on_disk(own_home)] == [ids[0], ids[1], *ids[3:]]
    assert ids[2] in recorded_releases(own_home)


def test_a_missing_pointer_leads_to_a_roll_back_not_to_a_new_run(own_home: Settings, yibao: Command) -> None:
    release_id = served(own_home).release_id
    own_home.pointer.unlink()
    with pytest.raises(Refused, match="yibao rollback"):
        served(own_home)
    listed = yibao("releases", "--home", own_home.home)
    assert (listed.returncode, release_id in listed.stdout) == (0, True)
    assert "不见了" in listed.stderr


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_decision_without_a_reason_is_refused(own_home: Settings, reason: str) -> None:
    release_id = served(own_home).release_id
    record_pin(own_home, release_id, "年报所据")
    with writer(own_home):
        with pytest.raises(Refused, match="理由"):
            roll_back(own_home, served(own_home), reason)
        with pytest.raises(Refused, match="理由"):
            record_pin(own_home, release_id, reason)
    assert pinned_releases(own_home) == {release_id}


def test_a_comparison_that_cannot_be_written_is_refused(own_home: Settings) -> None:
    now = served(own_home).release_id
    asked = ["release", "diff", now, now, "-o", "/nowhere/a.csv", "--home", str(own_home.home)]
    assert isinstance(CliRunner().invoke(app, asked).exception, Refused)


def test_a_figure_is_shown_without_the_zeros_at_its_end() -> None:
    figures = ("57969.8300000000", "100.0000000000", "100", "-0.5000000000")
    assert [_figure(Decimal(each)) for each in figures] == ["57969.83", "100", "100", "-0.5"]
    assert _figure(None) == "—"


def test_what_a_killed_release_left_is_settled(own_home: Settings) -> None:
    half = own_home.releases / ".R20260101-000000-01.part"
    half.mkdir()
    (half / "province.duckdb").write_bytes(b"half")
    unrecorded = Release("R20990101-000000-01", own_home.releases / "R20990101-000000-01")
    shutil.copytree(served(own_home).folder, unrecorded.folder)
    point(own_home, unrecorded)
    with writer(own_home):
        settle_releases(own_home)
    assert not half.exists()
    assert unrecorded.release_id in recorded_releases(own_home)
    assert serving(own_home) == unrecorded.release_id


def test_commands_speak(own_home: Settings, yibao: Command) -> None:
    home = ("--home", own_home.home)
    first = served(own_home).release_id
    noted = yibao("release", "--note", "修订说明一", *home)
    assert noted.returncode == 0, noted.stderr
    second = served(own_home).release_id
    assert "修订说明一" in yibao("releases", *home).stdout
    same = yibao("release", "diff", first, second, *home)
    assert "0 个数不同" in same.stdout
    assert yibao("verify", *home).returncode == 0
    refused = yibao("rollback", "R1", "--reason", "x", *home)
    assert refused.returncode == 1
    assert "yibao releases" in refused.stderr
    spoil(find(own_home, second), "statistician.duckdb")
    damaged = yibao("verify", *home)
    assert damaged.returncode == 1
    assert first in damaged.stderr
    assert served(own_home).release_id == first
    assert json.loads(own_home.pointer.read_text()) == {"release_id": first}


def test_with_a_damaged_pointer_releases_are_listed_and_one_can_be_served(
    own_home: Settings, yibao: Command
) -> None:
    release_id = served(own_home).release_id
    own_home.pointer.write_text("{", encoding="utf-8")
    listed = yibao("releases", "--home", own_home.home)
    assert (listed.returncode, release_id in listed.stdout, "▶ " in listed.stdout) == (0, True, False)
    assert "已损坏" in listed.stderr
    finished = yibao("rollback", release_id, "--reason", "指针损坏", "--home", own_home.home)
    assert finished.returncode == 0, finished.stderr
    assert served(own_home).release_id == release_id
