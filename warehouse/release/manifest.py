"""What a release says about itself: dates, inputs, programs, tests, and checksums of every table and file."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from warehouse.connections import CLOSED_WORLD
from warehouse.control.audit import current_head
from warehouse.release.files import STORAGE_VERSION
from warehouse.settings import PROJECT_ROOT, Settings
from warehouse.texts import Refused

CHUNK = 1 << 20
DEFINING_TABLES = {
    "definitions": ("indicator.registry", "indicator.variant", "indicator.formula", "indicator.measure"),
    "targets": ("plan.target", "plan.item"),
    "thresholds": ("indicator.threshold",),
}


def make_manifest(
    settings: Settings,
    release_id: str,
    started: datetime,
    full_file: Path,
    tables: dict[str, dict[str, Any]],
    run: dict[str, Any],
) -> dict[str, Any]:
    """The manifest without its files and changes; raises ``Refused`` for a build without any value."""
    with duckdb.connect(str(full_file), read_only=True, config=dict(CLOSED_WORLD)) as connection:
        data_to, known_on = connection.execute(
            "select max(period_end), max(known_on) from indicator.value"
        ).fetchall()[0]
        origins = connection.execute("select distinct data_origin from indicator.value order by 1").fetchall()
        batches = connection.execute("select batch_id from reference.batch order by 1").fetchall()
    if data_to is None:
        raise Refused(
            "所选日期之前没有任何指标值，不能发布空的数据版本。请放宽 --data-to 或 --known-on。",
            "No indicator has a value by the chosen dates; an empty release is not published. "
            "Widen --data-to or --known-on.",
        )
    return {
        "release_id": release_id,
        "written_at": started.isoformat(timespec="seconds"),
        "data_to": data_to,
        "known_on": known_on,
        "requested": run["parameters"],
        "data_origin": [row[0] for row in origins],
        "software": version("yibao-warehouse"),
        "git_commit": git_commit(),
        "dbt_fingerprint": dbt_fingerprint(settings.dbt_manifest),
        "duckdb": duckdb.__version__,
        "storage_version": STORAGE_VERSION,
        "batches": [row[0] for row in batches],
        "tests": run["tests"],
        "engine_faults": run.get("engine_faults", []),
        **{
            name: {table: tables[table]["checksum"] for table in listed}
            for name, listed in DEFINING_TABLES.items()
        },
        "tables": tables,
        "audit": asdict(head) if (head := current_head(settings)) else None,
    }


def describe_file(path: Path, scope: str, kind: str) -> dict[str, Any]:
    """Size and SHA-256 of one file of a release."""
    return {"scope": scope, "kind": kind, "bytes": path.stat().st_size, "sha256": sha256_of(path)}


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def dbt_fingerprint(manifest_file: Path) -> str:
    """A hash of every model, seed, test and macro of the dbt project, the same wherever it lies."""
    content = json.loads(manifest_file.read_text(encoding="utf-8"))
    parts = [f"{name} {node['checksum']['checksum']}" for name, node in content["nodes"].items()]
    parts += [
        f"{name} {each['macro_sql']}"
        for name, each in content["macros"].items()
        if each["package_name"] == "yibao"
    ]
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()


def git_commit() -> str | None:
    """The checked-out commit, with ``-changed`` where files differ from it; None outside of git."""
    try:
        commit = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{commit}-changed" if changed else commit


def _git(*arguments: str) -> str:
    finished = subprocess.run(
        ["git", "-C", str(PROJECT_ROOT), *arguments], capture_output=True, text=True, check=True
    )
    return finished.stdout.strip()
