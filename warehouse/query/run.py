"""Running a statistician's query on a release and handing back an Arrow table."""

from __future__ import annotations

import json
import mmap
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from warehouse.places import without_places
from warehouse.settings import PROJECT_ROOT, QueryLimits
from warehouse.texts import Refused, Text

GRACE_SECONDS = 3
CHUNK = 1 << 20
LONGEST_WORDS = 1 << 20
# Nothing is looked for in the current folder or where the environment points (-I): the project is named.
CHILD = "import sys; sys.path.insert(0, sys.argv.pop()); from warehouse.query.sandbox import main; sys.exit(main())"

HINTS = {
    "read-only": ("数据版本是只读的，只能查询。", "A release is read-only; only queries run."),
    "disabled by configuration": (
        "查询不得读写文件或网络。",
        "A query may not touch files or the network.",
    ),
    "configuration has been locked": ("查询不得更改设置。", "A query may not change settings."),
}


@dataclass(frozen=True)
class Result:
    """The rows of an answer, read from a file that has no name; ``cut`` says that there were more."""

    table: pa.Table
    cut: Text | None = None


def query(database: Path, sql: str, limits: QueryLimits, folder: Path | None = None) -> Result:
    """The result of ``sql`` on the release file ``database``; raises ``Refused`` with the database's own reason.

    The query runs in a child process that is killed when its time is up. What it sends goes to a nameless file in
    ``folder`` (else where temporary files lie), never into memory as a whole; beyond the limits the rest is left.
    """
    deadline = time.monotonic() + limits.seconds + GRACE_SECONDS
    kept = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as long as the table that is mapped from it
    child = _start()
    try:
        is_whole, words = _receive(child, _request(database, sql, limits), kept, limits, deadline)
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout, child.stderr):
            if pipe:
                pipe.close()
    said = _said(words)
    if is_whole and child.returncode != 0:
        raise _refusal(child.returncode, said, limits, database)
    table = _table(kept)
    if said.get("is_cut") or not is_whole:
        if not table.num_rows:
            raise Refused(
                f"结果的前几行就超过 {limits.result_mb} MB，已中止；请少取几列或几行。",
                f"The first rows alone exceed {limits.result_mb} MB, so it was stopped; ask for less.",
            )
        return Result(table, _cut(table, limits))
    return Result(table)


def _request(database: Path, sql: str, limits: QueryLimits) -> bytes:
    request = {
        "database": str(database),
        "sql": sql,
        "seconds": limits.seconds,
        "memory_mb": limits.memory_mb,
        "threads": limits.threads,
        "rows": limits.rows,
    }
    return json.dumps(request).encode()


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", "-c", CHILD, str(PROJECT_ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env={"HOME": "/nonexistent", "ARROW_DEFAULT_MEMORY_POOL": "system"},
        process_group=0,  # its urgency is its own, and no new session: the scheduler shares out by session
    )


def _receive(
    child: subprocess.Popen[bytes], request: bytes, kept: IO[bytes], limits: QueryLimits, deadline: float
) -> tuple[bool, bytes]:
    """Ask, and write what comes into ``kept``: whether it came whole, and what the child said about it."""
    assert child.stdin
    try:
        child.stdin.write(request)
        child.stdin.close()
    except BrokenPipeError:
        pass  # it ended at once; its words say why
    most, written, words = limits.result_mb << 20, 0, b""
    for is_result, chunk in _chunks(child, limits, deadline):
        if not is_result:
            words = (words + chunk)[-LONGEST_WORDS:]
            continue
        kept.write(chunk)
        written += len(chunk)
        if written > most:
            return False, words
    try:
        child.wait(max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise _too_long(limits) from error
    return True, words


def _chunks(
    child: subprocess.Popen[bytes], limits: QueryLimits, deadline: float
) -> Iterator[tuple[bool, bytes]]:
    """What the child writes, as it comes: whether it belongs to the result, and the bytes."""
    assert child.stdout
    assert child.stderr
    with selectors.DefaultSelector() as pipes:
        pipes.register(child.stdout, selectors.EVENT_READ, True)
        pipes.register(child.stderr, selectors.EVENT_READ, False)
        while pipes.get_map():
            ready = pipes.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise _too_long(limits)
            for key, _ in ready:
                chunk = os.read(key.fd, CHUNK)
                if chunk:
                    yield key.data, chunk
                else:
                    pipes.unregister(key.fileobj)


def _table(kept: IO[bytes]) -> pa.Table:
    """The whole batches of a stream, mapped from its file."""
    kept.flush()
    if not os.fstat(kept.fileno()).st_size:
        return pa.table({})
    mapped = pa.py_buffer(mmap.mmap(kept.fileno(), 0, access=mmap.ACCESS_READ))
    batches: list[pa.RecordBatch] = []
    try:
        with pa.ipc.open_stream(mapped) as stream:
            schema = stream.schema
            for batch in stream:
                batches.append(batch)
    except (pa.ArrowInvalid, OSError):  # the stream was cut off within a batch
        if not batches:
            return pa.table({})
    return pa.Table.from_batches(batches, schema)


def _said(words: bytes) -> dict[str, Any]:
    """What the child said last; where it said nothing, the last words that are not its own are an error's."""
    lines = words.decode("utf-8", "replace").strip().splitlines()
    for line in reversed(lines):
        try:
            content = json.loads(line)
        except ValueError:
            continue
        if isinstance(content, dict):
            return content
    return {"error": lines[-1]} if lines else {}


def _cut(table: pa.Table, limits: QueryLimits) -> Text:
    return Text(
        f"结果超过上限（{limits.rows:,} 行或 {limits.result_mb} MB），只有前 {table.num_rows:,} 行；"
        "请先汇总，或加条件、加 limit。",
        f"The result exceeds the limit ({limits.rows:,} rows or {limits.result_mb} MB): these are the first "
        f"{table.num_rows:,} rows; aggregate, or add conditions or a limit.",
    )


def _refusal(code: int, said: dict[str, Any], limits: QueryLimits, database: Path) -> Refused:
    if "zh" in said:
        return Refused(said["zh"], said["en"])
    if code < 0:
        return _too_long(limits)
    lines = str(said.get("error", "")).strip().splitlines()
    reason = without_places(lines[0] if lines else f"exit {code}", [database.parent])
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
