"""What a killed load left behind is finished or undone at the next start, and said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from warehouse import durable
from warehouse.connections import build_connection
from warehouse.ingest import archive, journal, quarantine
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import ingest_archived
from warehouse.ingest.months import mirror_locks
from warehouse.ingest.raw_schema import prepare_raw
from warehouse.ingest.retry import release_arrived, settle
from warehouse.settings import Settings
from warehouse.texts import Text


def recover(settings: Settings) -> Iterator[Text]:
    """Finish an interrupted load from the archive; hold the writer's lock around it.

    DuckDB itself has undone an uncommitted batch. If the file had reached the archive it is loaded now (a
    batch that was already committed is only completed); otherwise it still lies where it was.
    """
    _clear(settings)
    left = journal.interrupted(settings)
    if left is None:
        return
    if archive.find(settings, left.sha256) is None:
        yield Text(
            f"上次装载 {left.file_name} 时中断，什么也没有装入；文件仍在原处，请重新装载。",
            f"Loading {left.file_name} was interrupted and took nothing; the file is where it was, load it again.",
        )
    else:
        with build_connection(settings) as connection:
            prepare_raw(connection)
            mirror_locks(connection, settings)
            settle(connection, settings)  # before anything is tried again, or it would be loaded twice
            archived = archive.reopen(settings, left.sha256)
            for outcome in ingest_archived(connection, archived, settings, left.feed_name, left.template):
                yield _said(outcome)
            released = release_arrived(connection, settings)
            if released:
                yield Text(
                    f"此前等待的 {released} 行随之装载。", f"{released} rows that waited were loaded with it."
                )
    journal.end(settings)


def _said(outcome: Outcome) -> Text:
    if outcome.status == "known":
        return Text(
            f"上次装载 {outcome.file_name} 时中断，其批次已完整装入。",
            f"Loading {outcome.file_name} was interrupted; its batch had been loaded completely.",
        )
    return Text(
        f"上次装载 {outcome.file_name} 时中断，现已补完：{outcome.message.zh}",
        f"Loading {outcome.file_name} was interrupted and is finished now: {outcome.message.en}",
    )


def _clear(settings: Settings) -> None:
    """Working copies and half-written files; the writer's lock says that nobody is using them."""
    shutil.rmtree(settings.spill, ignore_errors=True)
    settings.spill.mkdir(parents=True, mode=0o700, exist_ok=True)
    for leftover in (*settings.archive.glob("*/*.part"), durable.part_of(settings.journal)):
        leftover.unlink(missing_ok=True)
    quarantine.remove_unfinished(settings)
