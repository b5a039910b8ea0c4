"""Writing a release: gate → write → point → retire."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse import durable
from warehouse.alerts.evaluate import evaluate_quietly
from warehouse.connections import CLOSED_WORLD
from warehouse.control.actor import deciding_actor
from warehouse.control.history import record_release, record_service
from warehouse.control.models import ReleaseRecord
from warehouse.release.changes import compare, count_reasons
from warehouse.release.disclosure import disclosed_by
from warehouse.release.files import (
    county_filters,
    county_selections,
    fill,
    measure_tables,
    province_filters,
    province_selections,
    public_columns,
    public_tables,
    statistician_filters,
    write_empty,
)
from warehouse.release.manifest import describe_file, make_manifest, sha256_of
from warehouse.release.pointer import (
    MANIFEST_FILE,
    PROVINCE,
    STATISTICIAN,
    Release,
    file_name,
    on_disk,
    point,
    served_or_none,
)
from warehouse.release.policy import TableRule, check_columns, check_policy, read_policy
from warehouse.release.retire import retire_segments
from warehouse.release.rules import check_rules
from warehouse.release.seal import SEALED_FILE, seal
from warehouse.release.segments import write_segments
from warehouse.release.to_check import said, to_check
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

CHANGES_FILE = "changes.parquet"


def release(settings: Settings, say: Callable[[Text], None] | None = None, note: str = "") -> Release:
    """Gate, write, point, retire. Hold the writer's lock around it.

    The gate is the build's own record: every dbt node succeeded on exactly these tables. The files
    are written under a temporary folder name and renamed when complete, so no reader sees a half.
    ``note`` is the operator's remark, kept with the release.
    """
    run = _gate(settings)
    deciding_actor(settings, "release.serve")  # refused before anything is written
    started = datetime.now(UTC)
    release_id = _free_id(settings, started)
    folder = settings.releases / f".{release_id}.part"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        manifest = _write(settings, folder, release_id, started, run, note)
        text = json.dumps(manifest, ensure_ascii=False, indent=1, default=str)
        (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")
        _flush(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finished = Release(release_id, settings.releases / release_id)
    folder.rename(finished.folder)
    seal(finished.folder)
    durable.flush(settings.releases)
    record_release(settings, release_record(finished))
    point(settings, finished)
    record_service(settings, release_id, "released", disclosed_by(finished))
    retire_segments(settings)
    if say:
        say(_summary(manifest))
        found = to_check(settings, finished)
        if found:
            say(said(found))
    evaluate_quietly(settings, say)
    return finished


def release_record(written: Release) -> ReleaseRecord:
    """The control database's row for a release, as its manifest tells it."""
    text = (written.folder / MANIFEST_FILE).read_bytes()
    manifest = json.loads(text)
    return ReleaseRecord(
        release_id=written.release_id,
        data_to=datetime.fromisoformat(manifest["data_to"]).date(),
        known_on=datetime.fromisoformat(manifest["known_on"]).date(),
        manifest_sha256=hashlib.sha256(text).hexdigest(),
        written_at=datetime.fromisoformat(manifest["written_at"]),
        note=manifest["note"],
    )


def _write(
    settings: Settings, folder: Path, release_id: str, started: datetime, run: dict[str, Any], note: str
) -> dict[str, Any]:
    rules = read_policy()
    listed = public_tables(settings.build_database)
    check_policy(rules, listed)
    check_columns(rules, public_columns(settings.build_database))
    check_rules(settings.build_database)
    full = folder / file_name(STATISTICIAN)
    write_empty(settings.build_database, full, listed, is_small=False)
    fill(settings.build_database, full, statistician_filters(listed), (release_id, STATISTICIAN))
    tables = measure_tables(full)
    manifest = make_manifest(settings, release_id, started, full, tables, run)
    _write_scopes(full, folder, release_id, rules)
    files = {
        path.name: describe_file(path, path.stem, "aggregates") for path in sorted(folder.glob("*.duckdb"))
    }
    for path in write_segments(settings, folder):
        files[path.name] = describe_file(path, STATISTICIAN, "records")
    before = _before(settings)
    if before:
        compare(before, Release(release_id, folder), folder / CHANGES_FILE, manifest)
        files[CHANGES_FILE] = describe_file(folder / CHANGES_FILE, PROVINCE, "changes")
    return {
        **manifest,
        "note": note,
        "previous": before.release_id if before else None,
        "changes": count_reasons(folder / CHANGES_FILE) if CHANGES_FILE in files else {},
        "files": files,
    }


def _before(settings: Settings) -> Release | None:
    """The release that figures are compared with: the served one, or the newest whose province file is sound."""
    now = served_or_none(settings)
    for candidate in ([now] if now else []) + on_disk(settings)[::-1]:
        try:
            described = candidate.manifest()["files"][candidate.database.name]
        except (Refused, KeyError, TypeError):
            continue
        if candidate.database.exists() and sha256_of(candidate.database) == described["sha256"]:
            return candidate
    return None


def _write_scopes(full: Path, folder: Path, release_id: str, rules: dict[str, TableRule]) -> None:
    """The files of the province and of each county; what every county may see is written once and copied."""
    common, filters = folder / "common.part", province_filters(rules)
    write_empty(full, common, filters, is_small=True)
    province = Path(shutil.copyfile(common, folder / file_name(PROVINCE)))
    fill(full, province, filters, (release_id, PROVINCE), province_selections(rules))
    shared = {table: "true" for table in filters if rules[table].county_rows == "all"}
    nameless = county_selections(province)
    fill(province, common, shared, selections=nameless)
    for region_code in _counties(province):
        county = Path(shutil.copyfile(common, folder / file_name(region_code)))
        own = county_filters(rules, region_code)
        fill(
            province,
            county,
            {table: own[table] for table in own if table not in shared},
            (release_id, region_code),
            nameless,
        )
    common.unlink()


def _counties(province: Path) -> list[str]:
    """The counties that have any indicator value."""
    with duckdb.connect(str(province), read_only=True, config=dict(CLOSED_WORLD)) as connection:
        rows = connection.execute(
            """
            select region.region_code from reference.region
            where region.is_reporting_unit
                and exists (
                    select 1 from indicator.value where value.region_code = region.region_code
                )
            order by region.region_code
            """
        ).fetchall()
    return [row[0] for row in rows]


def _gate(settings: Settings) -> dict[str, Any]:
    if not settings.passed_build.exists():
        raise Refused(
            "还没有通过全部检验的建库结果，不能发布。请先运行 yibao build。",
            "There is no build that passed all checks, so nothing can be released. Run yibao build first.",
        )
    content: dict[str, Any] = json.loads(settings.passed_build.read_text(encoding="utf-8"))
    return content


def _free_id(settings: Settings, moment: datetime) -> str:
    stem = f"R{moment:%Y%m%d-%H%M%S}"
    number = 1
    while (settings.releases / f"{stem}-{number:02d}").exists():
        number += 1
    return f"{stem}-{number:02d}"


def _summary(manifest: dict[str, Any]) -> Text:
    release_id, data_to = manifest["release_id"], manifest["data_to"]
    rows = sum(each["rows"] for each in manifest["tables"].values())
    tables, files = len(manifest["tables"]), len(manifest["files"])
    restated = manifest["changes"].get("restatement", 0)
    zh = f"数据版本 {release_id} 已发布：{tables} 张表，{rows} 行，{files} 个文件，数据截至 {data_to}"
    en = f"release {release_id} is served: {tables} tables, {rows} rows, {files} files, data to {data_to}"
    if restated:
        zh += f"；修订了 {restated} 个已发布的数（yibao release diff）"
        en += f"; {restated} published figures were restated (yibao release diff)"
    return Text(zh, en)


def _flush(folder: Path) -> None:
    for path in folder.iterdir():
        durable.flush(path)
        path.chmod(SEALED_FILE)
    durable.flush(folder)
