"""What a killed load left behind is finished or undone at the next start, and said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from warehouse import durable
from warehouse.connections import DiskFull, build_connection
from warehouse.ingest import archive, aside, journal, quarantine
from warehouse.ingest.aside import LoadFailed, failures_said
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import ingest_archived
from warehouse.ingest.journal import Interrupted
from warehouse.ingest.months import mirror_locks
from warehouse.ingest.raw_schema import prepare_raw
from warehouse.ingest.retry import release_arrived, settle
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

ATTEMPTS = 1


def recover(settings: Settings) -> Iterator[Text]:
    """Finish an interrupted load from the archive; hold the writer's lock around it.

    DuckDB itself has undone an uncommitted batch. If the file had reached the archive it is loaded now (a
    batch that was already committed is only completed); otherwise it still lies where it was. What cannot be
    finished when it is tried once more is set aside, so that it stands in the way of no other command.
    """
    _clear(settings)
    try:
        left = journal.interrupted(settings)
    except journal.Unreadable as damage:
        place = aside.keep_unreadable(settings)
        yield Text(
            f"{damage.text.zh}已移到 {place}；请核对最近送来的文件是否都已装载，必要时重新装载。",
            f"{damage.text.en} It was moved to {place}; check that the last files were loaded, load them again if not.",
        )
        return
    if left is None:
        return
    if archive.find(settings, left.sha256) is None:
        yield Text(
            f"上次装载 {left.file_name} 时中断，什么也没有装入；文件仍在原处，请重新装载。",
            f"Loading {left.file_name} was interrupted and took nothing; the file is where it was, load it again.",
        )
    else:
        yield from _attempt(settings, left)
    journal.end(settings)


def _attempt(settings: Settings, left: Interrupted) -> Iterator[Text]:
    """Try to finish a load, unless it was begun again before by a process that was killed."""
    failed: LoadFailed | None = None
    while left.attempts < ATTEMPTS:
        left = journal.attempt(settings, left, left.attempts + 1)
        try:
            with failures_said(left.file_name):
                yield from _finish(settings, left)
            return
        except LoadFailed as failure:
            failed = failure
        except (Refused, KeyboardInterrupt) as stopped:
            if not isinstance(
                stopped, DiskFull
            ):  # a load that fills the disk each time must not block for ever
                journal.attempt(settings, left, left.attempts - 1)
            raise
    aside.keep(settings, left, failed)
    yield Text(
        f"上次装载 {left.file_name} 时中断，重试 {ATTEMPTS} 次未能补完，已搁置（{settings.set_aside}）；原件在归档中。"
        "其他命令不受影响；原因消除后运行 yibao quarantine retry。",
        f"Loading {left.file_name} was interrupted and was not finished when tried once more; it is set aside "
        f"({settings.set_aside}), the original is in the archive. Other commands go on; run yibao quarantine retry "
        "when the reason is gone.",
    )


def _finish(settings: Settings, left: Interrupted) -> Iterator[Text]:
    has_failed = False
    with build_connection(settings) as connection:
        prepare_raw(connection)
        mirror_locks(connection, settings)
        settle(connection, settings)  # before anything is tried again, or it would be loaded twice
        archived = archive.reopen(settings, left.sha256)
        chosen = [(left.feed_name, left.template)]
        if chosen == [(None, None)]:
            chosen = list(archive.options_of(settings, left.sha256))
        for feed_name, template in chosen:
            for outcome in ingest_archived(connection, archived, settings, feed_name, template):
                has_failed = has_failed or outcome.has_failed
                yield _said(outcome)
            if has_failed:
                return
        released = release_arrived(connection, settings)
        if released:
            yield Text(
                f"此前等待的 {released} 行随之装载。", f"{released} rows that waited were loaded with it."
            )


def _said(outcome: Outcome) -> Text:
    if outcome.has_failed:
        return Text(
            f"上次装载 {outcome.file_name} 时中断，未能补完：{outcome.message.zh}",
            f"Loading {outcome.file_name} was interrupted and could not be finished: {outcome.message.en}",
        )
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
