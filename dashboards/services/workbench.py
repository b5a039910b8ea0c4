"""The statistician's query box: one query, its result or the reason it was refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from warehouse.query.formats import EXCEL_MAX_ROWS, readable
from warehouse.query.run import query
from warehouse.query.turns import Turns
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

SHOWN_ROWS = 1000
SHEET_CELLS = 2_000_000  # beyond, a workbook takes minutes and opens nowhere
TURNS = Turns()


@dataclass(frozen=True)
class Answer:
    """What a query gave: a table, or the reason there is none."""

    release_id: str
    sql: str
    table: pa.Table | None
    refusal: Text | None
    cut: Text | None = None

    @property
    def shown(self) -> pa.Table | None:
        """The first rows, as many as the page shows."""
        return None if self.table is None else readable(self.table.slice(0, SHOWN_ROWS))

    @property
    def fits_a_sheet(self) -> bool:
        """Whether the result can be saved as a workbook."""
        if self.table is None:
            return False
        rows, columns = int(self.table.num_rows), int(self.table.num_columns)
        return rows <= EXCEL_MAX_ROWS and rows * columns <= SHEET_CELLS


def ask(
    release_id: str,
    file: Path,
    sql: str,
    settings: Settings,
    account: str,
    say: Callable[[Text], None] | None = None,
) -> Answer:
    """The answer of a release's file to ``sql``, computed in a child process within the limits of ``settings``.

    ``account`` has one query at a time; when others must end first, ``say`` is told.
    """
    folder = settings.spill if settings.spill.is_dir() else None
    try:
        with TURNS.taken(account, say):
            result = query(file, sql, settings.query, folder)
    except Refused as refused:
        return Answer(release_id, sql, None, refused.text)
    return Answer(release_id, sql, result.table, None, result.cut)
