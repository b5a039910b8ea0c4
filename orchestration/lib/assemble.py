"""The definitions of one home: ingest → dbt models and tests → release."""

from __future__ import annotations

import json
from typing import Any

import dagster as dg

from orchestration.defs.ingest.published import ingest_assets
from orchestration.defs.release.release import release_asset
from orchestration.defs.transform.models import model_assets
from orchestration.lib.plain_log import plain_logger
from warehouse.settings import Settings
from warehouse.texts import Refused
from warehouse.transform import load_manifest

JOB_NAME = "ingest_build_release"


def assemble(settings: Settings) -> dg.Definitions:
    """Definitions over ``settings``; parses the dbt project once when its manifest is missing."""
    if not settings.dagster_home.exists():
        raise Refused(
            f"主目录 {settings.home} 尚未建立,请先运行 yibao init。",
            f"The home {settings.home} does not exist; run yibao init first.",
        )
    if not settings.dbt_manifest.exists():
        load_manifest(settings)
    manifest: dict[str, Any] = json.loads(settings.dbt_manifest.read_text(encoding="utf-8"))
    ingest = ingest_assets(settings)
    models = model_assets(settings, manifest)
    release = release_asset(settings, models)
    job = dg.define_asset_job(
        JOB_NAME,
        selection=dg.AssetSelection.assets(ingest, models, release),
        executor_def=dg.in_process_executor,
        description="装载、建库、发布 / ingest, build, release",
    )
    return dg.Definitions(
        assets=[ingest, models, release],
        jobs=[job],
        executor=dg.in_process_executor,
        loggers={"console": plain_logger},
    )
