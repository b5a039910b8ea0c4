"""``yibao doctor``: what could keep the system from working, and what to do about it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from warehouse import person_secret
from warehouse.settings import DBT_PROJECT, PROJECT_ROOT, PUBLISHED_DATA, QueryLimits, Settings
from warehouse.texts import Busy, Refused, Text

DISK_NEEDED_MB = 500


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    is_good: bool
    text: Text


def examine(settings: Settings) -> list[Finding]:
    """Every check in order; one that cannot be made is a bad finding, never a crash."""
    checks: tuple[Callable[[Settings], Finding], ...] = (_python, _packages, _project_files, _disk, _home)
    within: tuple[Callable[[Settings], Finding], ...] = (
        _control_database,
        _audit,
        _person_secret,
        _archive,
        _loads,
        _build_file,
        _release,
    )
    findings = []
    for check in (*checks, *(within if _is_there(settings) else ())):
        try:
            findings.append(check(settings))
        except Refused as refusal:
            findings.append(Finding(False, refusal.text))
    return findings


def _python(_: Settings) -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    is_good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding(is_good, Text(f"Python {found}（需要 3.11–3.13）", f"Python {found} (3.11–3.13 needed)"))


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
            Text(f"与锁定版本不符：{listed}；请运行 make setup", f"not as locked: {listed}; run make setup"),
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
        return Finding(False, Text(f"缺少项目文件：{listed}", f"project files are missing: {listed}"))
    return Finding(True, Text("项目文件齐全", "project files are there"))


def _disk(settings: Settings) -> Finding:
    folder = settings.home
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free // 2**20
    return Finding(
        free > DISK_NEEDED_MB,
        Text(
            f"磁盘剩余 {free} MB（一次运行约需 {DISK_NEEDED_MB} MB）",
            f"{free} MB of disk are free (a run needs about {DISK_NEEDED_MB} MB)",
        ),
    )


def _is_there(settings: Settings) -> bool:
    """Whether there is a home to look at: nothing can be gone from one that was never made."""
    return settings.home.is_dir() and any(settings.home.iterdir())


def _home(settings: Settings) -> Finding:
    home = settings.home
    if settings.home.exists() and not settings.home.is_dir():
        return Finding(
            False,
            Text(
                f"{home} 不是文件夹；请用 --home 指定主目录",
                f"{home} is no folder; name the home with --home",
            ),
        )
    if not _is_there(settings):
        return Finding(
            False,
            Text(
                f"主目录 {home} 尚未建立；请核对 --home（或 YIBAO_HOME），要新建则运行 yibao init --home {home}",
                f"the home {home} does not exist; check --home (or YIBAO_HOME), or run yibao init --home {home} "
                "to make it",
            ),
        )
    return Finding(True, Text(f"主目录 {home}", f"the home is {home}"))


def _control_database(settings: Settings) -> Finding:
    from warehouse.control.history import releases

    count = len(releases(settings))
    return Finding(
        True, Text(f"控制库正常，记有 {count} 个数据版本", f"control database works, {count} releases")
    )


def _audit(settings: Settings) -> Finding:
    from warehouse.control.audit import verify

    broken = verify(settings).breaks
    if broken:
        return Finding(
            False,
            Text(
                f"审计链不完整：{broken[0].zh}；见 yibao audit verify",
                f"the audit chain is broken: {broken[0].en}; see yibao audit verify",
            ),
        )
    return Finding(True, Text("审计链完整", "the audit chain is whole"))


def _person_secret(settings: Settings) -> Finding:
    person_secret.read(settings)
    return Finding(True, Text("人员键的密钥正常", "the secret of the person keys is the right one"))


def _archive(settings: Settings) -> Finding:
    """Whether each is there; whether its bytes are right is asked by a rebuild, which reads them all."""
    from warehouse.ingest.archive import archived_files, find

    hashes = [sha256 for sha256, _ in archived_files(settings)]
    gone = [sha256 for sha256 in hashes if find(settings, sha256) is None]
    if gone:
        return Finding(
            False,
            Text(
                f"归档缺 {len(gone)} 个文件（如 {gone[0][:12]}…）；请从备份恢复",
                f"the archive lacks {len(gone)} files ({gone[0][:12]}…); restore them from a backup",
            ),
        )
    return Finding(
        True, Text(f"归档的 {len(hashes)} 个文件都在", f"the {len(hashes)} archived files are there")
    )


def _loads(settings: Settings) -> Finding:
    """Loads that are set aside stay a trouble until they succeed; one that was cut off is finished by itself."""
    from warehouse.ingest import aside, journal

    standing = aside.said(settings)
    if standing:
        return Finding(False, standing)
    left = journal.interrupted(settings)
    if left:
        return Finding(
            True,
            Text(
                f"{left.file_name} 正在装载，或上次装载时中断；下一个写入命令会补完",
                f"{left.file_name} is being loaded, or was cut off: the next writing command finishes it",
            ),
        )
    return Finding(True, Text("没有搁置的装载", "no load is set aside"))


def _build_file(settings: Settings) -> Finding:
    from warehouse.connections import build_connection
    from warehouse.home import writer

    if not settings.build_database.exists():
        return Finding(True, Text("还没有建库文件", "there is no build file yet"))
    try:
        with writer(settings, patience=0), build_connection(settings) as connection:
            connection.execute("select count(*) from duckdb_tables()")
    except Busy:
        return Finding(True, Text("建库文件正在使用", "the build file is in use"))
    return Finding(True, Text("建库文件可以打开", "the build file opens"))


def _release(settings: Settings) -> Finding:
    from warehouse.query.run import query
    from warehouse.release.pointer import served
    from warehouse.release.verify import require_sound

    release = served(settings)
    require_sound(settings, release)
    rows = query(release.database, "select count(*) from indicator.value", QueryLimits()).table.to_pylist()
    count = next(iter(rows[0].values()))
    return Finding(
        True,
        Text(
            f"正在服务 {release.release_id}，{count} 个指标值可查",
            f"{release.release_id} is served, {count} indicator values can be queried",
        ),
    )
