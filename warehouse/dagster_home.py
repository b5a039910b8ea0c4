"""The folder of Dagster's instance: ``dagster.yaml`` and its storage, made under the writer's lock.

Run history, ticks and cursors are kept in SQLite files below the home, or in PostgreSQL by
``YIBAO_DAGSTER_URL``. The address stays in the environment: ``dagster.yaml`` only names the variable.
"""

from __future__ import annotations

import os
from typing import Any

import yaml
from sqlalchemy import create_engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from warehouse.control.database import postgresql_url
from warehouse.settings import Settings
from warehouse.texts import Refused

URL_VARIABLE = "YIBAO_DAGSTER_URL"
COMMON: dict[str, Any] = {
    "telemetry": {"enabled": False},
    "freshness": {"enabled": True},
    "nux": {"enabled": False},  # no dialog that asks for an address of mail
    "retention": {
        "schedule": {"purge_after_days": 90},
        "sensor": {"purge_after_days": {"skipped": 7, "failure": 30, "success": 90, "started": 30}},
    },
}
POSTGRESQL: dict[str, Any] = {"storage": {"postgres": {"postgres_url": {"env": URL_VARIABLE}}}}


def is_made(settings: Settings) -> bool:
    """Whether the home was initialised before."""
    return (settings.dagster_home / "dagster.yaml").exists()


def make_instance(settings: Settings) -> None:
    """Write ``dagster.yaml`` and create the storage, where either is new; hold the writer's lock around it.

    Webserver and daemon start at the same moment: on a storage without tables both would create them.
    """
    path = settings.dagster_home / "dagster.yaml"
    wanted = yaml.safe_dump(COMMON | (POSTGRESQL if settings.dagster_url else {}), sort_keys=True)
    present = path.read_text(encoding="utf-8") if path.exists() else ""
    if present == wanted:
        return
    if settings.dagster_url and not settings.dagster_url.startswith("postgresql://"):
        raise Refused(
            f"{URL_VARIABLE} 应为 PostgreSQL 的地址，如 postgresql://user@host/db。",
            f"{URL_VARIABLE} must be the address of a PostgreSQL database, such as postgresql://user@host/db.",
        )
    if URL_VARIABLE in present and not settings.dagster_url:
        raise Refused(
            f"主目录 {settings.home} 的 Dagster 记录在 PostgreSQL 中；请设置 {URL_VARIABLE}。",
            f"Dagster's history of {settings.home} is in PostgreSQL; set {URL_VARIABLE}.",
        )
    temporary = path.with_suffix(".part")
    temporary.write_text(wanted, encoding="utf-8")
    _create_storage(settings, temporary.name)
    temporary.replace(path)


def _create_storage(settings: Settings, file_name: str) -> None:
    from dagster import DagsterInstance

    if settings.dagster_url:
        _reach(settings.dagster_url)
    os.environ.setdefault("DO_NOT_TRACK", "1")
    with DagsterInstance.from_config(str(settings.dagster_home), file_name) as instance:
        instance.get_runs_count()
        instance.get_daemon_statuses()
        instance.all_instigator_state()
        instance.all_asset_keys()


def _reach(url: str) -> None:
    """Ask the server once ourselves: Dagster would try five times and print each failure."""
    try:
        engine = create_engine(postgresql_url(url))
        with engine.connect():
            pass
    except (ArgumentError, NoSuchModuleError, DBAPIError) as error:
        orig = getattr(error, "orig", None)
        reason = " ".join(str(orig or error).split())
        raise Refused(
            f"Dagster 的存储无法使用：{reason}。请检查 {URL_VARIABLE}（如 postgresql://user@host/db）与数据库服务。",
            f"Dagster's storage cannot be used: {reason}. Check {URL_VARIABLE} (such as "
            "postgresql://user@host/db) and the database server.",
        ) from error
    engine.dispose()
