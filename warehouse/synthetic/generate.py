"""Builds a province in a scratch database and writes its feeds.

State modules build once. Record modules build chunk by chunk: their tables hold the months of one chunk
only, are written, and are emptied again when more than one chunk is planned. Closing modules build from
what the record modules have summed up (tables ``base_…``).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from warehouse.synthetic import (
    anomaly,
    assistance,
    contribution,
    dirt,
    enrolment,
    export,
    fee_summary,
    fund_budget,
    fund_flow,
    fund_ledger,
    fund_line,
    geography,
    institution,
    measured,
    periphery,
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
    *periphery.STATE,
)
RECORDS: tuple[BuildChunk, ...] = (
    visit.build,
    settlement.build,
    fund_line.build,
    fee_summary.build,
    fund_flow.collect,
    contribution.build,
    assistance.build,
    measured.collect,
    anomaly.collect,
    *periphery.RECORDS,
)
CLOSING: tuple[Build, ...] = (
    fund_flow.build,
    fund_ledger.build,
    fund_budget.build,
    *periphery.CLOSING,
    anomaly.close,
    measured.build,
)


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

    A big province is kept in a file, a small one in memory; neither is compressed, which takes longer
    than all the rest.
    """
    options: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(folder / "temp"),
    }
    if threads is not None:
        options["threads"] = threads
    database = str(folder / "scratch.duckdb") if plan.has_monthly_files else ":memory:"
    connection = duckdb.connect(database, config=options)
    connection.execute("set force_compression = 'uncompressed'")
    connection.execute("create schema province; use province")
    return connection


def _generate(connection: duckdb.DuckDBPyConnection, plan: Plan, out: Path, say: Say) -> None:
    writer = export.Writer(connection, out, at_once=1 if plan.has_monthly_files else 2)
    if not plan.is_clean:
        dirt.prepare(connection)

    def write(files: Sequence[export.FeedFile]) -> None:
        filled = export.with_rows(connection, files)
        writer.write(filled if plan.is_clean else dirt.plant(connection, plan, filled))

    for build in STATE:
        build(connection, plan)
    say(Text("人员、机构、参保已生成。", "Persons, institutions and enrolment are built."))
    write(export.state_files(connection, plan))
    for chunk in plan.chunks:
        for build_chunk in RECORDS:
            build_chunk(connection, plan, chunk)
        write(export.record_files(connection, plan, chunk))
        settlement.close_chunk(connection, plan, chunk)
        say(Text(f"{chunk.name} 的结算等记录已生成。", f"The records of {chunk.name} are built."))
    for build in CLOSING:
        build(connection, plan)
    write(export.closing_files(connection, plan))
    if not plan.is_clean:
        writer.write(dirt.late_files(connection, plan))
        dirt.finish(connection, plan, writer, out)
    writer.close()
    measured.write(connection, out)
    anomaly.write(connection, out)
