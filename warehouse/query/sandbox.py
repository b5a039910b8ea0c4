"""The child process that runs one query: operating-system limits first, then DuckDB's own, then the judge.

Started by :mod:`warehouse.query.run`. The request comes as JSON on standard input; the result leaves as an Arrow
stream on standard output, what there is to say about it as one line of JSON on standard error. DuckDB alone cannot
stop every query (``repeat`` ignores its interrupt and memory limit), so the kernel's limits hold.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

ADDRESS_SPACE_OVERHEAD_MB = 3072
ROWS_AT_ONCE = 8_192
BYTES_AT_ONCE = 4 << 20
BEYOND_ARROW = ("UHUGEINT", "BIGNUM")
# After so many seconds a query is less urgent: short questions of others go first.
URGENCIES = ((0.4, 15), (5.0, 19))
URGENCY = 5


def main() -> int:
    """Run the request; exit 0 with an Arrow stream, or 1 with the reason on standard error."""
    from warehouse.query import walls

    sys.modules["numpy"] = None  # type: ignore[assignment] # Arrow does without, in half the time
    request = json.load(sys.stdin.buffer)
    walls.yield_to_others(URGENCY)
    walls.end_with_parent()
    walls.limit(request["seconds"], request["memory_mb"], ADDRESS_SPACE_OVERHEAD_MB)
    import duckdb
    import pyarrow as pa

    from warehouse.texts import Refused

    try:
        said = _answer(request)
    except Refused as refused:
        _say({"zh": refused.text.zh, "en": refused.text.en})
        return 1
    except (duckdb.Error, pa.ArrowException, MemoryError, OSError) as error:
        _say({"error": f"{type(error).__name__}: {error}" if isinstance(error, MemoryError) else str(error)})
        return 1
    _say(said)
    return 0


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    from warehouse.connections import open_release
    from warehouse.query import walls
    from warehouse.query.judge import judged

    database = Path(request["database"])
    is_shut = walls.shut_files(database)
    connection = open_release(database, memory_mb=request["memory_mb"], threads=request["threads"])
    is_down = walls.step_down()
    walls.require_one(is_shut, is_down)
    walls.end_with_parent()
    threading.Thread(target=_watch, args=(connection, request["seconds"]), daemon=True).start()
    return _send(connection, judged(connection, request["sql"]), request["rows"])


def _send(connection: Any, sql: str, most_rows: int) -> dict[str, Any]:
    import pyarrow as pa

    relation = connection.sql(sql)
    if relation is None:
        return {"error": "no result"}
    relation = _with_all_digits(relation)
    reader = relation.to_arrow_reader(ROWS_AT_ONCE)
    sent = 0
    with pa.ipc.new_stream(sys.stdout.buffer, reader.schema) as writer:
        for batch in reader:
            if sent + batch.num_rows > most_rows:
                _write(writer, batch.slice(0, most_rows - sent))
                return {"is_cut": True}
            _write(writer, batch)
            sent += batch.num_rows
    return {}


def _write(writer: Any, batch: Any) -> None:
    """Write a batch in parts of few bytes: where the result is cut, whole parts are what is left of it."""
    step = max(1, batch.num_rows * BYTES_AT_ONCE // max(1, batch.nbytes))
    for start in range(0, batch.num_rows, step):
        writer.write_batch(batch.slice(start, step))


def _with_all_digits(relation: Any) -> Any:
    """Whole numbers that Arrow has no type for leave as texts; as its decimals they would be other numbers."""
    kinds = [str(kind) for kind in relation.types]
    if not any(beyond in kind for kind in kinds for beyond in BEYOND_ARROW):
        return relation
    columns = [
        f'cast(#{number} as varchar) as "{name.replace(chr(34), chr(34) * 2)}"'
        if any(beyond in kind for beyond in BEYOND_ARROW)
        else f"#{number}"
        for number, (name, kind) in enumerate(zip(relation.columns, kinds, strict=True), start=1)
    ]
    return relation.project(", ".join(columns))


def _watch(connection: Any, seconds: int) -> None:
    """Interrupt the query when its time is up; until then let it wait for others the longer it runs."""
    from warehouse.query import walls

    started = time.monotonic()
    for after, urgency in URGENCIES:
        if after >= seconds:
            break
        time.sleep(max(0.0, started + after - time.monotonic()))
        walls.yield_to_others(urgency)
    time.sleep(max(0.0, started + seconds - time.monotonic()))
    connection.interrupt()


def _say(content: dict[str, Any]) -> None:
    print(json.dumps(content), file=sys.stderr, flush=True)
