"""Running a statistician's query on a release and handing back an Arrow table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa

from warehouse.settings import PROJECT_ROOT, QueryLimits
from warehouse.texts import Refused

GRACE_SECONDS = 3

HINTS = {
    "read-only": ("数据版本是只读的，只能查询。", "A release is read-only; only queries run."),
    "disabled by configuration": (
        "查询不得读写文件或网络。",
        "A query may not touch files or the network.",
    ),
    "configuration has been locked": ("查询不得更改设置。", "A query may not change settings."),
}


def query(database: Path, sql: str, limits: QueryLimits) -> pa.Table:
    """The result of ``sql`` on the release file ``database``; raises ``Refused`` with the database's own reason.

    The query runs in a child process that is killed when its time is up.
    """
    request = {
        "database": str(database),
        "sql": sql,
        "seconds": limits.seconds,
        "memory_mb": limits.memory_mb,
        "threads": limits.threads,
    }
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(PROJECT_ROOT),
        "PYTHONIOENCODING": "utf-8",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
    try:
        finished = subprocess.run(
            [sys.executable, "-m", "warehouse.query.sandbox"],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=limits.seconds + GRACE_SECONDS,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_long(limits) from error
    if finished.returncode == 0:
        with pa.ipc.open_stream(finished.stdout) as stream:
            return stream.read_all()
    raise _refusal(finished.returncode, finished.stderr.decode("utf-8", "replace"), limits)


def _refusal(code: int, reason: str, limits: QueryLimits) -> Refused:
    if code < 0:
        return _too_long(limits)
    reason = reason.strip().splitlines()[0] if reason.strip() else f"exit {code}"
    if reason == "no result":
        return Refused("这条语句没有结果集。", "This statement has no result.")
    if "INTERRUPT" in reason:
        return _too_long(limits)
    if (
        "Out of Memory" in reason
        or "MemoryError" in reason
        or "bad_alloc" in reason
        or "malloc" in reason
        or "offload data" in reason
    ):
        return Refused(
            f"查询所需内存超过 {limits.memory_mb} MB，已中止；请先汇总或加 limit。",
            f"The query needs more than {limits.memory_mb} MB and was stopped; aggregate or add a limit.",
        )
    for mark, (zh, en) in HINTS.items():
        if mark in reason:
            return Refused(f"{zh}({reason})", f"{en} ({reason})")
    return Refused(f"查询不能执行：{reason}", f"The query cannot run: {reason}")


def _too_long(limits: QueryLimits) -> Refused:
    return Refused(
        f"查询超过 {limits.seconds} 秒（或其处理器时间）的上限，已中止；请缩小范围。",
        f"The query exceeded {limits.seconds} seconds (or their processor time) and was stopped; narrow it.",
    )
