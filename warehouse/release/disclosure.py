"""Small cells over time: what earlier releases hid or showed is told to the build, which decides in SQL.

The rules are in ``dbt_project/models/intermediate/disclosure`` (分析方法 §12); here is only the memory.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from warehouse.connections import CLOSED_WORLD
from warehouse.control.history import disclosures_before
from warehouse.control.models import Disclosure
from warehouse.release.pointer import STATISTICIAN, Release, file_name
from warehouse.settings import Settings

COLUMNS = (
    "count_measure",
    "data_origin",
    "region_code",
    "disclosure_year",
    "was_month_hidden",
    "was_month_shown",
    "was_year_hidden",
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
