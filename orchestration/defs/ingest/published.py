"""Published data as assets: one per raw table, filled in one step."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from pydantic import Field

from warehouse.feeds import FEEDS
from warehouse.home import writer
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import files_in, ingest
from warehouse.ingest.reconcile import reconcile
from warehouse.ingest.recover import recover
from warehouse.settings import SHIPPED_DATA, Settings

RAW_TABLES = (*FEEDS, "batch", "build_parameter")


class IngestConfig(dg.Config):
    """Files or folders to load."""

    paths: list[str] = Field(default=[str(path) for path in SHIPPED_DATA])


def raw_key(table: str) -> dg.AssetKey:
    """The asset key of a raw table, as dagster-dbt names the source."""
    return dg.AssetKey(["raw", table])


def ingest_assets(settings: Settings) -> dg.AssetsDefinition:
    """A step that loads files and materialises every raw table; refused files fail it."""
    specs = [
        dg.AssetSpec(raw_key(table), group_name="ingest", kinds={"duckdb"}, skippable=True)
        for table in RAW_TABLES
    ]

    @dg.multi_asset(specs=specs, name="ingest")
    def load_files(
        context: dg.AssetExecutionContext, config: IngestConfig
    ) -> Iterator[dg.MaterializeResult[None]]:
        outcomes: list[Outcome] = []
        with writer(settings):
            for text in recover(settings):
                context.log.info(str(text))
            for outcome in ingest(files_in([Path(path) for path in config.paths]), settings):
                context.log.info(f"{outcome.file_name} [{outcome.feed}] {outcome.message}")
                outcomes.append(outcome)
            reconcile(settings)
        refused = [each for each in outcomes if each.status == "refused"]
        if refused:
            raise dg.Failure("\n".join(str(each.message) for each in refused), allow_retries=False)
        for table in RAW_TABLES:
            loaded = sum(each.rows_accepted for each in outcomes if each.feed == table)
            yield dg.MaterializeResult(
                asset_key=raw_key(table), metadata={"rows_loaded": loaded, "files": len(outcomes)}
            )

    return load_files
