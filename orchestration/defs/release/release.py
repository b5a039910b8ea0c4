"""The release as an asset: written only after every model and test has passed."""

import dagster as dg

from warehouse.home import writer
from warehouse.release.write import release
from warehouse.settings import Settings


def release_asset(settings: Settings, models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The served release, downstream of all models."""

    @dg.asset(name="release", deps=list(models.keys), group_name="release", kinds={"duckdb"})
    def served_release(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        with writer(settings):
            written = release(settings, lambda text: context.log.info(str(text)))
        manifest = written.manifest()
        return dg.MaterializeResult(
            metadata={
                "release_id": written.release_id,
                "data_to": manifest["data_to"],
                "known_on": manifest["known_on"],
                "tables": len(manifest["tables"]),
            }
        )

    return served_release
