"""Columns that the deliveries before had and this one has not: renamed, or left out by a change of the export."""

from __future__ import annotations

import duckdb

from warehouse.feeds.contract import name_of
from warehouse.ingest.check import Finding
from warehouse.ingest.read import Delivered
from warehouse.texts import Text

RULE = "columns_gone"
BATCHES_BEFORE, FEWEST = 6, 2


def columns_gone(connection: duckdb.DuckDBPyConnection, delivered: Delivered) -> list[Finding]:
    """The columns that most of the last batches of the feed filled and that this file does not have.

    So a change is said for the first few deliveries, then it is the usual form.
    """
    layout = delivered.layout
    if not layout.undelivered:
        return []
    feed = name_of(layout.feed)
    before = connection.execute(
        f"""
        select batch_id from raw.batch where feed = '{feed}' and rows_accepted > 0
        order by known_on desc, _ingested_at desc, batch_id limit {BATCHES_BEFORE}
        """
    ).fetchall()
    if len(before) < FEWEST:
        return []
    listed = ", ".join(f"'{batch_id}'" for (batch_id,) in before)
    counts = connection.execute(
        f"""
        select {", ".join(f"count(*) filter (where filled_{name} > 0)" for name in layout.undelivered)}
        from (
            select {", ".join(f"count({name}) as filled_{name}" for name in layout.undelivered)}
            from raw.{feed} where _batch_id in ({listed})
            group by _batch_id
        )
        """
    ).fetchall()[0]
    gone = [name for name, filled in zip(layout.undelivered, counts, strict=True) if filled * 2 > len(before)]
    if not gone:
        return []
    zh, en = (
        "此前的批次有的列，这次没有：" + "、".join(gone),
        "columns that earlier batches had are gone: " + ", ".join(gone),
    )
    if layout.unknown:
        places = ", ".join(map(str, layout.unknown))
        zh += f"；第 {places} 列的表头不认识，可能改了名"
        en += f"; the headers of the columns {places} are not known and may be new names of them"
    return [Finding(RULE, "warn", 0, (), Text(zh, en))]
