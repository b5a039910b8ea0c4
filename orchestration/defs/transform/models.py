"""dbt models and seeds as assets, dbt tests as their checks; dbt runs inside this process."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator
from dagster_dbt.asset_utils import build_dbt_specs
from pydantic import Field

from orchestration.lib.holding import holding
from orchestration.lib.lineage import column_lineage, row_counts
from warehouse import transform
from warehouse.engine.results import NodeResult
from warehouse.settings import Settings

Event = dg.MaterializeResult[None] | dg.AssetCheckResult


class BuildConfig(dg.Config):
    """The build's two dates, ISO; empty for no limit."""

    data_to: str = Field(default="", description="只建到这一天 / periods up to this day")
    known_on: str = Field(default="", description="只用这一天以前交付的数据 / data delivered by this day")
    lineage_seconds: float = Field(
        default=5.0, description="列级血缘每次至多用的秒数 / seconds for column lineage that is not known yet"
    )


class Translator(DagsterDbtTranslator):
    """Models without an office are grouped by their layer."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The office that owns a model, else its schema."""
        return super().get_group_name(dbt_resource_props) or str(dbt_resource_props["schema"])


def model_assets(settings: Settings, manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """Every seed and model of the project as one step, with data tests as asset checks."""
    translator = Translator()
    specs, check_specs = build_dbt_specs(
        translator=translator,
        manifest=manifest,
        select="fqn:*",
        exclude="",
        selector="",
        io_manager_key=None,
        project=None,
    )
    checks = {spec.metadata["dagster_dbt/unique_id"]: spec for spec in check_specs}

    @dg.multi_asset(
        specs=specs,
        check_specs=list(checks.values()),
        name="build",
        can_subset=True,
        allow_arbitrary_check_specs=True,
    )
    def build_models(context: dg.AssetExecutionContext, config: BuildConfig) -> Iterator[Event]:
        select = _selection(context, manifest, translator) if context.is_subset else None
        with holding(context, settings):
            transform.set_parameters(settings, _day(config.data_to), _day(config.known_on))
            result = transform.run_models(
                settings,
                lambda text: context.log.info(str(text)),
                select,
                lambda text: context.log.warning(str(text)),
            )
            lineage = column_lineage(settings, manifest, translator, config.lineage_seconds)
            counts = row_counts(settings)
        for node in result.results:
            yield from _materialized(node, manifest, translator, lineage, counts)
            yield from _checked(node, checks, context.selected_asset_check_keys)
        if result.failures:
            raise dg.Failure(str(transform.failed(result)), allow_retries=False)
        context.log.info(str(transform.summary(result)))

    return build_models


def _selection(
    context: dg.AssetExecutionContext, manifest: Mapping[str, Any], translator: DagsterDbtTranslator
) -> str:
    wanted = context.selected_asset_keys
    return " ".join(
        node["name"]
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
        and translator.get_asset_spec(manifest, unique_id, None).key in wanted
    )


def _materialized(
    result: NodeResult,
    manifest: Mapping[str, Any],
    translator: DagsterDbtTranslator,
    lineage: Mapping[str, dg.TableColumnLineage],
    counts: Mapping[tuple[str, str], int],
) -> Iterator[dg.MaterializeResult[None]]:
    unique_id = result.unique_id
    if result.resource_type not in ("model", "seed") or result.status != "success":
        return
    table = (result.schema, manifest["nodes"][unique_id]["alias"])
    about: dict[str, Any] = {"seconds": round(result.execution_time, 3)}
    if unique_id in lineage:
        about["dagster/column_lineage"] = lineage[unique_id]
    if table in counts:
        about["dagster/row_count"] = counts[table]
    yield dg.MaterializeResult(
        asset_key=translator.get_asset_spec(manifest, unique_id, None).key,
        metadata=about,
    )


def _checked(
    result: NodeResult, checks: Mapping[str, dg.AssetCheckSpec], wanted: set[dg.AssetCheckKey]
) -> Iterator[dg.AssetCheckResult]:
    spec = checks.get(result.unique_id)
    status = result.status
    if spec is None or spec.key not in wanted or status == "skipped":
        return
    severity = dg.AssetCheckSeverity.WARN if status == "warn" else dg.AssetCheckSeverity.ERROR
    yield dg.AssetCheckResult(
        passed=status == "pass",
        asset_key=spec.asset_key,
        check_name=spec.name,
        severity=severity,
        metadata={"failures": result.failures, "message": result.message},
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
