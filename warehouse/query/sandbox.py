"""The child process that runs one query: operating-system limits first, then DuckDB's own.

Started by :mod:`warehouse.query.run` as ``python -m warehouse.query.sandbox``. The request comes as
JSON on standard input; the result leaves as an Arrow stream on standard output. DuckDB alone cannot
stop every query (``repeat`` ignores its interrupt and memory limit), so the kernel's limits hold.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
from pathlib import Path

ADDRESS_SPACE_OVERHEAD_MB = 3072


def main() -> int:
    """Run the request; exit 0 with an Arrow stream, or 1 with the reason on standard error."""
    request = json.load(sys.stdin)
    _limit(request["seconds"], request["memory_mb"])
    import duckdb
    import pyarrow as pa

    from warehouse.connections import open_release

    try:
        connection = open_release(
            Path(request["database"]), memory_mb=request["memory_mb"], threads=request["threads"]
        )
        timer = threading.Timer(request["seconds"], connection.interrupt)
        timer.daemon = True
        timer.start()
        result = connection.sql(request["sql"])
        if result is None:
            print("no result", file=sys.stderr)
            return 1
        table = result.to_arrow_table()
        with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as writer:
            writer.write_table(table)
    except (duckdb.Error, pa.ArrowException, MemoryError) as error:
        print(str(error), file=sys.stderr)
        return 1
    return 0


def _limit(seconds: int, memory_mb: int) -> None:
    address_space = (memory_mb + ADDRESS_SPACE_OVERHEAD_MB) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds * 2, seconds * 2 + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main())
