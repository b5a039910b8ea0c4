"""The promises of the dbt project that no single model can keep: grain, keys, comments, names, clocks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.home import writer
from warehouse.release.policy import check_columns, read_policy
from warehouse.settings import DBT_PROJECT, Settings, load_settings
from warehouse.source_yaml import source_files
from warehouse.transform import run_models

HOMES = ("release_db", "province_db")
MODELS = sorted((DBT_PROJECT / "models").rglob("*.sql"))
GRAIN_TESTS = ("one_row_per", "one_row_per_row_of")
NAMED_BY = {  # what a sentence of grain names, and the column that must then be in the key
    "region": "region_code|term_row",
    "scheme": "scheme_code|term_row",
    "month": "month|period_end|date|basis",
    "year": "year|period_end|period_start|date|month_end",
    "scope": "fund_scope",
    "fund": "fund_code|fund_scope|metric_key",
    "sex": "sex_code",
    "person": "psn_key|psn_no|unit_key",
    "settlement": "settlement_id|refund|root_id",
    "batch": "batch_id",
    "feed": "feed",
    "rule": "rule",
    "disease": "disease_code",
    "institution": "institution_code",
    "measure": "measure|metric|indicator",
    "lag": "lag",
    "channel": "channel_code",
    "subject": "subject_code",
    "origin": "data_origin",
    "status": "status",
    "variant": "variant",
    "step": "step",
    "side": "side",
    "level": "level_code",
    "service": "service",
    "item": "item",
    "version": "version",
}
NAMES_END = re.compile(
    r"[:(]| (?:with|in|of|that|whose|as|from|to|for|which|where|by|its|beside|and the settlement)\b"
)
UNITLESS_COUNTS = {"rows_read", "rows_accepted", "rows_refused", "rows_duplicate", "size_bytes"}


@pytest.fixture(params=HOMES, ids=["shipped", "province"])
def release_db(request: pytest.FixtureRequest) -> duckdb.DuckDBPyConnection:
    """The release of the shipped data, and that of the golden province beside them."""
    connection: duckdb.DuckDBPyConnection = request.getfixturevalue(request.param)
    return connection


@pytest.fixture(scope="module")
def manifest(released_home: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(load_settings(released_home).dbt_manifest.read_text())
    return content


def contracted(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["contract"]["enforced"]
    ]


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_model_begins_with_its_grain(path: Path) -> None:
    assert re.match(r"-- One row per .+\.$", path.read_text(encoding="utf-8").splitlines()[0])


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_model_is_short_and_has_no_clock(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    assert len(text.splitlines()) <= 120
    assert not re.search(r"\b(current_date|current_timestamp|now\(\)|today\(\)|get_current)", text)


def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def keys(node: dict[str, Any]) -> list[list[str]]:
    return [each["columns"] for each in node["constraints"] if each["type"] == "primary_key"]


LAYERS = (
    "staging",
    "intermediate",
    "marts",
    "measures",
    "indicators",
    "disclosure",
    "record",
    "plan",
    "quality",
    "reporting",
)


def test_no_model_reads_a_layer_above_its_own(manifest: dict[str, Any]) -> None:
    """The way of the data has one direction, and nothing reads reporting but reporting itself."""
    layer = {node["unique_id"]: LAYERS.index(node["fqn"][1]) for node in models(manifest)}
    climbing = sorted(
        f"{node['name']} <- {parent}"
        for node in models(manifest)
        for parent in node["depends_on"]["nodes"]
        if layer.get(parent, 0) > layer[node["unique_id"]]
    )
    assert climbing == []
    assert len(layer) > 200


@pytest.fixture(scope="module")
def grain_tests(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The tests of grain by the model that each is attached to."""
    found = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node["test_metadata"]["name"] in GRAIN_TESTS
    ]
    by_model = {node["attached_node"]: node for node in found}
    assert len(by_model) == len(found) > 100
    return by_model


def test_grain_in_yaml_and_sql_are_one_sentence(manifest: dict[str, Any]) -> None:
    nodes = models(manifest)
    assert len(nodes) == len(MODELS)
    for node in nodes:
        first_line = node["raw_code"].splitlines()[0].removeprefix("-- ")
        assert node["config"]["meta"].get("grain") == first_line, node["name"]
    for node in contracted(manifest):
        assert node["config"]["meta"]["owner"], node["name"]
        assert node["config"]["group"], node["name"]


def test_the_grain_of_every_model_is_held_by_a_key_or_by_a_test_that_stops_a_build(
    manifest: dict[str, Any], grain_tests: dict[str, dict[str, Any]]
) -> None:
    for node in models(manifest):
        test = grain_tests.get(node["unique_id"])
        assert bool(keys(node)) != bool(test), node["name"]
        if keys(node):
            assert node["config"]["contract"]["enforced"], node["name"]
            assert node["config"]["materialized"] == "table", node["name"]
        else:
            assert test is not None
            assert test["name"] == f"grain_of_{node['name']}"
            assert test["config"]["severity"].lower() == "error", node["name"]
            assert test["config"]["enabled"], node["name"]
            assert (test["config"]["where"], test["config"]["limit"]) == (None, None), node["name"]


def test_what_a_grain_names_is_in_the_key(
    manifest: dict[str, Any], grain_tests: dict[str, dict[str, Any]]
) -> None:
    lacking = []
    for node in models(manifest):
        test = grain_tests.get(node["unique_id"])
        columns = keys(node)[0] if keys(node) else test["test_metadata"]["kwargs"].get("columns")  # type: ignore[index]
        if columns is None:
            continue  # as many rows as another model: no column tells
        sentence = node["raw_code"].splitlines()[0].removeprefix("-- One row per ").removesuffix(".")
        named = NAMES_END.split(sentence)[0]
        lacking += [
            (node["name"], word)
            for word, column in NAMED_BY.items()
            if re.search(rf"\b{word}\b", named) and not any(re.search(column, each) for each in columns)
        ]
    assert lacking == []


def test_a_row_too_many_stops_the_build_and_names_the_model(own_home: Settings) -> None:
    with duckdb.connect(str(own_home.build_database)) as connection:
        connection.execute(
            "insert into staging.stg_published__batch select * from staging.stg_published__batch limit 1"
        )
    with writer(own_home):
        result = run_models(own_home, select="grain_of_stg_published__batch grain_of_stg_platform__feed")
    assert [each.split(":")[0] for each in result.failures] == ["test grain_of_stg_published__batch"]


def test_public_tables_have_keys_and_bilingual_comments(release_db: duckdb.DuckDBPyConnection) -> None:
    tables = release_db.sql(
        "select schema_name, table_name, comment, has_primary_key from duckdb_tables()"
    ).fetchall()
    assert len(tables) > 20
    for schema, table, comment, has_key in tables:
        assert has_key, f"{schema}.{table}"
        assert comment, f"{schema}.{table}"
        assert " / " in comment, f"{schema}.{table}"
    silent = release_db.sql(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where not internal and (comment is null or not contains(comment, ' / '))"
    ).fetchall()
    assert silent == []
    schemas = {row[0] for row in release_db.sql("select schema_name from reference.schema_doc").fetchall()}
    assert schemas == {schema for schema, *_ in tables}


def test_every_column_of_a_public_file_is_protected(manifest: dict[str, Any]) -> None:
    """What the gate of a release asks of the built tables, asked of the contracts: which column is not named."""
    rules = read_policy()
    found = [
        (f"{node['schema']}.{node['alias']}", set(node["columns"]))
        for node in contracted(manifest)
        if f"{node['schema']}.{node['alias']}" in rules
    ]
    assert len(found) > 50
    check_columns(rules, [(table, column) for table, columns in found for column in columns])
    unknown = {
        f"{table}.{column}"
        for table, columns in found
        if rules[table].in_province
        for column in set(rules[table].columns) - columns
    }
    assert unknown == set()


def test_every_public_model_says_who_uses_it(manifest: dict[str, Any]) -> None:
    used = {node for each in manifest["exposures"].values() for node in each["depends_on"]["nodes"]}
    assert [node["name"] for node in contracted(manifest) if node["unique_id"] not in used] == []


def test_stored_checks_are_the_declared_ones(
    manifest: dict[str, Any], release_db: duckdb.DuckDBPyConnection
) -> None:
    declared = sum(
        1
        for node in contracted(manifest)
        if node["schema"] != "ind"
        for constraint in node["constraints"]
        if constraint["type"] == "check"
    )
    stored = release_db.sql(
        "select count(*) from duckdb_constraints() where constraint_type = 'CHECK'"
    ).fetchall()[0][0]
    assert stored == declared > 10


def test_nothing_in_a_key_is_null(release_db: duckdb.DuckDBPyConnection) -> None:
    keys = release_db.sql(
        "select schema_name, table_name, constraint_column_names from duckdb_constraints() "
        "where constraint_type = 'PRIMARY KEY'"
    ).fetchall()
    for schema, table, columns in keys:
        condition = " or ".join(f'"{column}" is null' for column in columns)
        empty = release_db.sql(f'select count(*) from "{schema}"."{table}" where {condition}').fetchall()
        assert empty == [(0,)], f"{schema}.{table}"


def test_no_double_in_a_public_table(release_db: duckdb.DuckDBPyConnection) -> None:
    found = release_db.sql(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where not internal and data_type in ('DOUBLE', 'FLOAT')"
    ).fetchall()
    assert found == []


def test_every_unit_is_in_base_units(release_db: duckdb.DuckDBPyConnection) -> None:
    ratios = release_db.sql(
        "select min(value), max(value) from indicator.value "
        "where unit = 'ratio' and metric_key like '%pay_ratio%'"
    ).fetchall()[0]
    assert 0 < ratios[0] < ratios[1] < 1
    unknown = release_db.sql(
        "select distinct unit from published.statistic where unit = 'unknown'"
    ).fetchall()
    assert unknown == []


def test_every_printed_value_leads_back_to_a_batch(release_db: duckdb.DuckDBPyConnection) -> None:
    lost = release_db.sql(
        """
        select v.value_key
        from indicator.value as v
        left join indicator.value_batch as b using (value_key)
        left join reference.batch as r on b.batch_id = r.batch_id
        where v.data_origin = 'published' and r.batch_id is null
        """
    ).fetchall()
    assert lost == []


def test_codes_used_are_documented(release_db: duckdb.DuckDBPyConnection) -> None:
    pairs = {
        "scheme": "scheme_code",
        "fund_scope": "fund_scope",
        "period_basis": "period_basis",
        "report_status": "report_status",
        "data_origin": "data_origin",
    }
    for code_set, column in pairs.items():
        unknown = release_db.sql(
            f"select distinct {column} from indicator.value where {column} not in "
            f"(select code from reference.code where code_set = '{code_set}')"
        ).fetchall()
        assert unknown == [], column
    flags = release_db.sql(
        "select distinct unnest(string_split(quality_flag, ';')) as flag from indicator.value"
    ).fetchall()
    known = {
        row[0]
        for row in release_db.sql(
            "select code from reference.code where code_set = 'quality_flag'"
        ).fetchall()
    }
    assert {row[0] for row in flags} <= known


def test_source_yaml_is_what_the_contracts_say() -> None:
    for path, text in source_files().items():
        assert path.read_text(encoding="utf-8") == text, path.name
