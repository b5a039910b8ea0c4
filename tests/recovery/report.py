"""The report of ``make recovery``: what the trials did to homes, and what their readers saw.

Trials append a line of JSON each to the file named by ``YIBAO_REPORT``; without it nothing is kept.

    python tests/recovery/report.py FILE
"""

from __future__ import annotations

import json
import os
import sys

import duckdb

KILLS = """
    select
        step,
        count(*) as trials,
        count(*) filter (was_killed) as killed,
        count(*) filter (not was_killed) as ended_before_the_kill,
        printf('%.2f–%.2f', min(moment), max(moment)) as killed_after_seconds,
        sum(queries) as queries_beside,
        sum(errors) as errors,
        sum(mixed) as mixed,
        round(max(slowest), 2) as slowest_seconds
    from kill group by step order by step
"""
READERS = """
    select
        readers, queries, least_queries as least_of_a_reader, builds, releases, releases_met,
        errors, mixed, slowest_seconds
    from readers
"""


def note(kind: str, **figures: object) -> None:
    """Keep one trial's figures."""
    path = os.environ.get("YIBAO_REPORT")
    if path:
        with open(path, "a", encoding="utf-8") as stream:
            stream.write(json.dumps({"kind": kind, **figures}) + "\n")


def main(path: str) -> None:
    """Print the tables of the report as Markdown."""
    for kind, query in (("kill", KILLS), ("readers", READERS)):
        connection = duckdb.connect()
        connection.execute(
            f"create table {kind} as select * from read_json(?, format = 'newline_delimited') where kind = ?",
            [path, kind],
        )
        result = connection.execute(query)
        names = [each[0] for each in result.description]
        rows = [names, ["---"] * len(names), *result.fetchall()]
        print("\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows), end="\n\n")


if __name__ == "__main__":
    main(sys.argv[1])
