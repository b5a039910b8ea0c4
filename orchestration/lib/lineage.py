"""Columns and rows of the built models as Dagster metadata; column lineage is remembered in the home.

Lineage follows from the SQL alone, and sqlglot takes about 0.2 s a model for it. It is worked out once for
each text of a model, within the seconds that a run allows, and kept in ``dbt/lineage.json``.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator
from dagster_dbt.core.dbt_cli_event import EventHistoryMetadata, _build_column_lineage_metadata
from sqlglot.errors import SqlglotError

from warehouse import durable
from warehouse.connections import build_connection
from warehouse.settings import Settings

Columns = dict[str, dict[str, str]]
Lineage = dict[str, list[tuple[str, str]]]


def row_counts(settings: Settings) -> dict[tuple[str, str], int]:
    """Rows of every table of the build database by schema and name; views are not counted."""
    with build_connection(settings) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where not temporary and not internal"
        ).fetchall()
        counts = " union all ".join(
            f"select '{schema}', '{table}', count(*) from \"{schema}\".\"{table}\""
            for schema, table in tables
        )
        return {(schema, table): rows for schema, table, rows in connection.execute(counts).fetchall()}


def column_lineage(
    settings: Settings, manifest: Mapping[str, Any], translator: DagsterDbtTranslator, seconds: float
) -> dict[str, dg.TableColumnLineage]:
    """Lineage of the models by unique id: what is remembered, and as much more as ``seconds`` allow."""
    store = settings.dbt_target.parent / "lineage.json"
    remembered: dict[str, Any] = json.loads(store.read_text(encoding="utf-8")) if store.exists() else {}
    columns = _columns(settings)
    deadline = time.monotonic() + seconds
    kept: dict[str, Any] = {}
    for unique_id, node in manifest["nodes"].items():
        compiled = settings.dbt_target / "compiled" / node["package_name"] / node["original_file_path"]
        if node["resource_type"] != "model" or not compiled.exists():
            continue
        parents = {
            each["relation_name"]: columns[each["schema"], each.get("identifier") or each["alias"]]
            for each in (
                manifest["sources"].get(name) or manifest["nodes"][name]
                for name in node["depends_on"]["nodes"]
            )
        }
        own = columns[node["schema"], node["alias"]]
        fingerprint = _fingerprint(compiled, parents, own)
        known = remembered.get(unique_id)
        if known and known["fingerprint"] == fingerprint:
            kept[unique_id] = known
        elif time.monotonic() < deadline:
            found = _work_out(node, manifest, translator, settings.dbt_target, parents, own)
            kept[unique_id] = {"fingerprint": fingerprint, "columns": found}
    if kept != remembered:
        durable.replace(store, json.dumps(kept, ensure_ascii=False))
    return {
        unique_id: _as_dagster(each["columns"])
        for unique_id, each in kept.items()
        if each["columns"] is not None
    }


def _columns(settings: Settings) -> defaultdict[tuple[str, str], Columns]:
    found: defaultdict[tuple[str, str], Columns] = defaultdict(dict)
    with build_connection(settings) as connection:
        for schema, table, name, kind in connection.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns() where not internal"
        ).fetchall():
            found[schema, table][name] = {"data_type": kind}
    return found


def _fingerprint(compiled: Path, parents: Mapping[str, Columns], own: Columns) -> str:
    shapes = json.dumps([parents, own], sort_keys=True)
    return hashlib.sha256(compiled.read_bytes() + shapes.encode()).hexdigest()[:24]


def _work_out(
    node: dict[str, Any],
    manifest: Mapping[str, Any],
    translator: DagsterDbtTranslator,
    target: Path,
    parents: Mapping[str, Columns],
    own: Columns,
) -> Lineage | None:
    """None where sqlglot cannot follow the SQL (2 of 117 models: set operations of unlike selects)."""
    shapes = EventHistoryMetadata(columns=own, parents=dict(parents))
    try:
        found = _build_column_lineage_metadata(shapes, node, manifest, translator, target, None)
    except (SqlglotError, ValueError, KeyError):
        return None
    (lineage,) = found.values()
    return {
        name: sorted((dep.asset_key.to_user_string(), dep.column_name) for dep in deps)
        for name, deps in sorted(lineage.deps_by_column.items())
    }


def _as_dagster(columns: Lineage) -> dg.TableColumnLineage:
    return dg.TableColumnLineage(
        {
            name: [dg.TableColumnDep(dg.AssetKey.from_user_string(key), column) for key, column in deps]
            for name, deps in columns.items()
        }
    )
