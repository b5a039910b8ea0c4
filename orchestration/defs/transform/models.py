"""dbt models and seeds as assets, dbt tests as their checks; dbt runs inside this process."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from warehouse import transform
from warehouse.home import writer
from warehouse.settings import Settings

if TYPE_CHECKING:
    from dbt.artifacts.schemas.results import NodeResult


class BuildConfig(dg.Config):
    """The build's two dates, ISO; empty for no limit."""

    data_to: str = ""
    known_on: str = ""


def model_assets(settings: Settings, manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """Every seed and model of the project as one step with their tests as asset checks."""
    translator = DagsterDbtTranslator()

    @dbt_assets(manifest=manifest, name="build", dagster_dbt_translator=translator)
    def build_models(
        context: dg.AssetExecutionContext, config: BuildConfig
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with writer(settings):
            transform.set_parameters(settings, _day(config.data_to), _day(config.known_on))
            result = transform.run_models(settings, lambda text: context.log.info(str(text)))
        wanted = set(context.selected_asset_check_keys)
        for node in result.results:
            yield from _events(node, manifest, translator, wanted)
        if result.failures:
            raise dg.Failure(str(transform.failed(result)), allow_retries=False)
        context.log.info(str(transform.summary(result)))

    return build_models


def _events(
    result: "NodeResult",
    manifest: Mapping[str, Any],
    translator: DagsterDbtTranslator,
    wanted: set[dg.AssetCheckKey],
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    unique_id = result.node.unique_id
    status = str(result.status)
    kind = str(result.node.resource_type)
    if kind in ("model", "seed") and status == "success":
        yield dg.MaterializeResult(
            asset_key=translator.get_asset_spec(manifest, unique_id, None).key,
            metadata={"seconds": round(result.execution_time, 3)},
        )
    if kind != "test":
        return
    attached = manifest["nodes"][unique_id].get("attached_node")
    if not attached:
        return
    asset = translator.get_asset_spec(manifest, attached, None)
    check = translator.get_asset_check_spec(asset, manifest, unique_id, None)
    if check is not None and check.key in wanted:
        is_warning = status == "warn"
        yield dg.AssetCheckResult(
            passed=status == "pass",
            asset_key=asset.key,
            check_name=check.name,
            severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
            metadata={"failures": result.failures or 0, "message": result.message or ""},
        )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
