"""Builds a province in a scratch database and writes its feeds.

State modules build once. Record modules build chunk by chunk: their tables hold the months of one chunk
only, are written, and are emptied again when more than one chunk is planned. Closing modules build from
what the record modules have summed up (tables ``base_…``).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb

from warehouse.synthetic import (
    anomaly,
    assistance,
    contribution,
    enrolment,
    export,
    fee_summary,
    fund_ledger,
    fund_line,
    geography,
    institution,
    population,
    reference,
    settlement,
    use,
    visit,
)
from warehouse.synthetic.plan import Period, Plan
from warehouse.texts import Text

Build = Callable[[duckdb.DuckDBPyConnection, Plan], None]
BuildChunk = Callable[[duckdb.DuckDBPyConnection, Plan, Period], None]
Say = Callable[[Text], None]

MEMORY = "6GB"

STATE: tuple[Build, ...] = (
    geography.build,
    population.build,
    institution.build,
    enrolment.build,
    use.build,
    anomaly.build,
    contribution.prepare,
    reference.build,
)
RECORDS: tuple[BuildChunk, ...] = (
    visit.build,
    settlement.build,
    fund_line.build,
    fee_summary.build,
    fund_ledger.collect,
    contribution.build,
    assistance.build,
)
CLOSING: tuple[Build, ...] = (fund_ledger.build,)


def generate(plan: Plan, out: Path, say: Say | None = None, threads: int | None = None) -> None:
    """Write ``out/feeds`` with its manifest, ``calibration.csv`` and ``anomalies.csv``."""
    tell = say or (lambda _text: None)
    scratch = out / ".scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        with open_scratch(plan, scratch, threads) as connection:
            _generate(connection, plan, out, tell)
    finally:
        shutil.rmtree(scratch)


def open_scratch(plan: Plan, folder: Path, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A scratch database with the schema ``province`` as search path; it spills to ``folder``.

    A big province is kept in a file, where it is compressed; a small one in memory, which is three times
    as fast.
    """
    options: dict[str, str | int] = {"memory_limit": MEMORY, "temp_directory": str(folder / "temp")}
    if threads is not None:
        options["threads"] = threads
    database = str(folder / "scratch.duckdb") if plan.has_monthly_files else ":memory:"
    connection = duckdb.connect(database, config=options)
    connection.execute("create schema province; use province")
    return connection


def _generate(connection: duckdb.DuckDBPyConnection, plan: Plan, out: Path, say: Say) -> None:
    writer = export.Writer(connection, out)
    for build in STATE:
        build(connection, plan)
    say(Text("人员、机构、参保已生成。", "Persons, institutions and enrolment are built."))
    writer.write(export.state_files(connection, plan))
    for chunk in plan.chunks:
        for build_chunk in RECORDS:
            build_chunk(connection, plan, chunk)
        writer.write(export.record_files(connection, plan, chunk))
        say(Text(f"已生成 {chunk.name} 的结算等记录。", f"Records of {chunk.name} are built."))
    for build in CLOSING:
        build(connection, plan)
    writer.write(export.closing_files(connection, plan))
    writer.close()
