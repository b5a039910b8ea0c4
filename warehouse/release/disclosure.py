"""Small cells over time: what earlier releases hid or showed is told to the build, which decides in SQL.

The rules are in ``dbt_project/models/disclosure`` (分析方法 §12); here is only the memory.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from warehouse.connections import CLOSED_WORLD
from warehouse.control.history import disclosures_before
from warehouse.control.models import Disclosure
from warehouse.release.pointer import STATISTICIAN, Release, file_name, on_disk
from warehouse.settings import Settings
from warehouse.texts import Refused

COLUMNS = (
    "count_measure",
    "data_origin",
    "region_code",
    "disclosure_year",
    "was_month_hidden",
    "was_month_shown",
    "was_year_hidden",
)

SHOWN = (
    "select measure_key, data_origin, region_code, scheme_code, month_end, number from quality.measure_shown"
)


def mirror_disclosures(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Bring what served releases hid and showed, out of the control database, into the build database."""
    connection.execute("delete from raw.disclosed_before")
    known = disclosures_before(settings)
    if known:
        table = pa.table({name: [getattr(each, name) for each in known] for name in COLUMNS})
        connection.register("disclosed", table)
        connection.execute(f"insert into raw.disclosed_before select {', '.join(COLUMNS)} from disclosed")
        connection.unregister("disclosed")


def mirror_shown(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Bring the monthly measures behind the counties' figures of the newest sound release into the build database.

    With its batches they tell which cells have changed by a few records only. Without an earlier release, or after
    one that did not keep them, nothing is held back.
    """
    connection.execute("delete from raw.shown_before; delete from raw.released_batch")
    for release in reversed(on_disk(settings)):
        path = release.file(STATISTICIAN)
        try:
            batches = [str(each) for each in release.manifest()["batches"]]
            with duckdb.connect(str(path), read_only=True, config=dict(CLOSED_WORLD)) as earlier:
                shown = earlier.sql(SHOWN).to_arrow_table()
        except (Refused, KeyError, duckdb.Error):
            continue  # damaged, or written before this was kept: the one before it is asked
        connection.register("shown", shown)
        connection.execute("insert into raw.shown_before select * from shown")
        connection.unregister("shown")
        connection.register("released", pa.table({"batch_id": pa.array(batches, pa.string())}))
        connection.execute("insert into raw.released_batch select distinct batch_id from released")
        connection.unregister("released")
        return


def disclosed_by(release: Release) -> list[Disclosure]:
    """What a written release hides and shows, as its statisticians' file tells."""
    path = release.folder / file_name(STATISTICIAN)
    with duckdb.connect(str(path), read_only=True, config=dict(CLOSED_WORLD)) as connection:
        rows = connection.execute(
            """
            select
                count_measure, data_origin, region_code, disclosure_year,
                is_month_hidden, not is_month_hidden, is_year_hidden
            from quality.disclosure
            """
        ).fetchall()
    return [Disclosure(**dict(zip(COLUMNS, row, strict=True))) for row in rows]
