"""Read a release file with whatever DuckDB is first on the path and print what it holds as JSON.

Run as a program of its own, so that it can be given another DuckDB than the project's. Checksums are taken
over the values as Python has them: DuckDB's own hash differs from version to version.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from typing import Any

import duckdb

TABLES = (
    "indicator.value",
    "indicator.registry",
    "fund.month",
    "fund.balance",
    "enrolment.month_end",
    "benefit.payment_ratio",
    "plan.progress",
    "report.leader_kpi",
    "reference.batch",
)
LEADER = """
    select
        kpi.metric_key, kpi.scheme_code, kpi.data_origin, cast(kpi.period_end as varchar) as period_end,
        cast(kpi.shown_value as varchar) as shown_value, kpi.unit_zh, coalesce(kpi.signal, '-') as signal
    from report.leader_kpi as kpi
    where kpi.region_code = '460000' and kpi.data_origin = 'synthetic'
    order by all
"""
DIVIDED_BY_NOTHING = (
    "select count(*) from indicator.value where unit = 'ratio' and value is not null and denominator = 0"
)


def plain(value: Any) -> Any:
    """A moment as text in universal time: versions differ in the class of their time zones."""
    is_moment = isinstance(value, datetime) and value.tzinfo is not None
    return value.astimezone(UTC).isoformat() if is_moment else value


def read(path: str) -> dict[str, Any]:
    """Version, checksums of public tables, findings by rule, the leader's figures, and what cannot be right."""
    connection = duckdb.connect(path, read_only=True)
    present = {
        f"{schema}.{table}"
        for schema, table in connection.execute(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall()
    }
    rows: dict[str, int] = {}
    checksums: dict[str, str] = {}
    for table in sorted(present & set(TABLES)):
        found = connection.execute(f"select * from {table} order by all").fetchall()
        rows[table] = len(found)
        checksums[table] = hashlib.sha256(
            repr([tuple(map(plain, row)) for row in found]).encode()
        ).hexdigest()
    wrong = [f"{table} is empty" for table in ("indicator.value", "fund.month") if not rows.get(table)]
    (divided_by_nothing,) = connection.execute(DIVIDED_BY_NOTHING).fetchall()[0]
    if divided_by_nothing:
        wrong.append(f"{divided_by_nothing} ratios have a value and no denominator")
    findings: dict[str, int] = {}
    if "quality.feed_finding" in present:
        found = connection.execute(
            "select feed || ': ' || rule, cast(sum(rows_found) as bigint) from quality.feed_finding group by all"
        ).fetchall()
        findings = dict(found)
    (kept_out,) = connection.execute(
        "select cast(coalesce(sum(rows_refused + rows_duplicate), 0) as bigint) from reference.batch"
    ).fetchall()[0]
    leader = [" ".join(map(str, row)) for row in connection.execute(LEADER).fetchall()]
    return {
        "version": duckdb.__version__,
        "rows": rows,
        "checksums": checksums,
        "findings": findings,
        "leader": leader,
        "kept_out": kept_out,
        "wrong": wrong,
    }


if __name__ == "__main__":
    print(json.dumps(read(sys.argv[1]), ensure_ascii=False))
