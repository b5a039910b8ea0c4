"""``yibao doctor``: what could keep the system from working, and what to do about it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from warehouse.settings import DBT_PROJECT, PROJECT_ROOT, PUBLISHED_DATA, QueryLimits, Settings
from warehouse.texts import Refused, Text

DISK_NEEDED_MB = 500


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    is_good: bool
    text: Text


def examine(settings: Settings) -> list[Finding]:
    """Every check in order; one that cannot be made is a bad finding, never a crash."""
    checks: tuple[Callable[[Settings], Finding], ...] = (
        _python,
        _packages,
        _project_files,
        _disk,
        _control_database,
        _release,
    )
    findings = []
    for check in checks:
        try:
            findings.append(check(settings))
        except Refused as refusal:
            findings.append(Finding(False, refusal.text))
    return findings


def _python(_: Settings) -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    is_good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding(is_good, Text(f"Python {found}(需要 3.11–3.13)", f"Python {found} (3.11–3.13 needed)"))


def _packages(_: Settings) -> Finding:
    wrong = []
    for name, wanted in _locked().items():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "missing"
        if found != wanted:
            wrong.append(f"{name} {found} ≠ {wanted}")
    if wrong:
        listed = ", ".join(wrong[:5])
        return Finding(
            False,
            Text(f"与锁定版本不符:{listed};请运行 make setup", f"not as locked: {listed}; run make setup"),
        )
    return Finding(True, Text("依赖与 requirements.lock 一致", "packages are as locked"))


def _locked() -> dict[str, str]:
    wanted = {
        "duckdb",
        "dbt-core",
        "dbt-duckdb",
        "dagster",
        "dagster-dbt",
        "streamlit",
        "sqlmodel",
        "sqlalchemy",
    }
    lock = PROJECT_ROOT / "requirements.lock"
    pairs = (line.split(" ", 1)[0].split("==") for line in lock.read_text().splitlines() if "==" in line)
    return {pair[0]: pair[1].rstrip(";") for pair in pairs if pair[0] in wanted}


def _project_files(_: Settings) -> Finding:
    missing = [path for path in (DBT_PROJECT, PUBLISHED_DATA) if not path.exists()]
    if missing:
        listed = ", ".join(map(str, missing))
        return Finding(False, Text(f"缺少项目文件:{listed}", f"project files are missing: {listed}"))
    return Finding(True, Text("项目文件齐全", "project files are there"))


def _disk(settings: Settings) -> Finding:
    folder = settings.home
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free // 2**20
    return Finding(
        free > DISK_NEEDED_MB,
        Text(
            f"磁盘剩余 {free} MB(一次运行约需 {DISK_NEEDED_MB} MB)",
            f"{free} MB of disk are free (a run needs about {DISK_NEEDED_MB} MB)",
        ),
    )


def _control_database(settings: Settings) -> Finding:
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from warehouse.control.history import releases

    if not settings.home.exists():
        return Finding(
            False, Text("主目录尚未建立;请运行 yibao init", "the home does not exist; run yibao init")
        )
    try:
        count = len(releases(settings))
    except (OperationalError, ProgrammingError):
        return Finding(
            False,
            Text(
                "控制库无法使用;请检查 YIBAO_CONTROL_URL 并运行 yibao init",
                "the control database cannot be used; check YIBAO_CONTROL_URL and run yibao init",
            ),
        )
    return Finding(
        True, Text(f"控制库正常,记有 {count} 个数据版本", f"control database works, {count} releases")
    )


def _release(settings: Settings) -> Finding:
    from warehouse.query.run import query
    from warehouse.release.pointer import served

    release = served(settings)
    rows = query(release.database, "select count(*) from indicator.value", QueryLimits()).to_pylist()
    count = next(iter(rows[0].values()))
    return Finding(
        True,
        Text(
            f"正在服务 {release.release_id},{count} 个指标值可查",
            f"{release.release_id} is served, {count} indicator values can be queried",
        ),
    )
