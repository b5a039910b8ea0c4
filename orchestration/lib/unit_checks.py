"""dbt unit tests as checks of the model they test; dagster-dbt makes checks of data tests only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator


def unit_check_specs(
    manifest: Mapping[str, Any], translator: DagsterDbtTranslator
) -> dict[str, dg.AssetCheckSpec]:
    """A blocking check for each unit test, by the test's unique id."""
    by_name = {
        node["name"]: unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    return {
        unique_id: dg.AssetCheckSpec(
            name=test["name"],
            asset=translator.get_asset_spec(manifest, by_name[test["model"]], None).key,
            description=test.get("description") or None,
            blocking=True,
        )
        for unique_id, test in manifest["unit_tests"].items()
    }
