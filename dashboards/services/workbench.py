"""The statistician's query box: one query, its result or the reason it was refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from weakref import ReferenceType, ref

import pyarrow as pa

from warehouse.query.formats import EXCEL_MAX_ROWS, readable
from warehouse.query.run import query
from warehouse.query.turns import Turns
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

SHOWN_ROWS = 1000
SHEET_CELLS = 2_000_000  # beyond, a workbook takes minutes and opens nowhere
KEPT_ANSWERS = 3
GAVE_WAY = Text(
    f"这个结果已让位给您较新的查询（同时保留 {KEPT_ANSWERS} 个）；需要的话请再运行一次。",
    f"This result gave way to newer queries of yours ({KEPT_ANSWERS} are kept at a time); run it again if you need it.",
)
TURNS = Turns()


@dataclass(eq=False)
class Answer:
    """What a query gave: a table, or the reason there is none.

    The table of an old answer gives way to newer ones of its account: each is a file as long as it is shown.
    """

    release_id: str
    sql: str
    table: pa.Table | None
    refusal: Text | None
    cut: Text | None = None

    @property
    def shown(self) -> pa.Table | None:
        """The first rows, as many as the page shows."""
        table = self.table
        return None if table is None else readable(table.slice(0, SHOWN_ROWS))

    def whole(self) -> pa.Table:
        """The table for a file; ``Refused`` when it gave way."""
        table = self.table
        if table is None:
            raise Refused(GAVE_WAY.zh, GAVE_WAY.en)
        return table

    @property
    def fits_a_sheet(self) -> bool:
        """Whether the result can be saved as a workbook."""
        table = self.table
        if table is None:
            return False
        rows, columns = int(table.num_rows), int(table.num_columns)
        return rows <= EXCEL_MAX_ROWS and rows * columns <= SHEET_CELLS


class Kept:
    """The newest answers of each account; the tables of older ones are let go, in whatever tab they are shown."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: dict[str, list[ReferenceType[Answer]]] = {}
        self._lock = Lock()

    def add(self, account: str, answer: Answer) -> None:
        """Keep this answer, and let go what is too much."""
        with self._lock:
            held = [each for each in self._answers.get(account, []) if each() is not None]
            self._answers[account] = [*held, ref(answer)][-self._most :]
            for old in held[: len(held) + 1 - self._most]:
                if (given := old()) is not None:
                    given.table, given.cut, given.refusal = None, None, GAVE_WAY


KEPT = Kept(KEPT_ANSWERS)


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
    answer = Answer(release_id, sql, result.table, None, result.cut)
    KEPT.add(account, answer)
    return answer
