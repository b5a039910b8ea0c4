"""Run hostile statements behind one wall only: ``python one_wall.py engine|landlock|user FILE < statements``.

The others are taken away, so that each is seen to hold by itself.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

import duckdb

from warehouse.connections import open_release
from warehouse.query import walls


def main() -> None:
    wall, database = sys.argv[1], Path(sys.argv[2])
    statements = json.load(sys.stdin)
    if wall == "landlock":
        assert walls.shut_files(database), "this kernel has no Landlock"
    if wall == "engine":
        connection = open_release(database, memory_mb=512, threads=1)
    else:
        connection = duckdb.connect(str(database), read_only=True)
    if wall == "user":
        assert walls.step_down()
    for statement in statements:
        with contextlib.suppress(duckdb.Error, ValueError, OSError):
            result = connection.execute(statement)  # None when there was nothing to run
            if result is not None:
                result.fetchall()


if __name__ == "__main__":
    main()
