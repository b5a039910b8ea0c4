"""From delivered files to batches: archive, take apart, load each table, say what became of it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from warehouse.connections import build_connection, first_row
from warehouse.control.history import batch_records, remember_refusal
from warehouse.feeds.contract import name_of
from warehouse.ingest import aside, journal, quarantine
from warehouse.ingest.archive import (
    MANIFEST_NAME,
    ArchivedFile,
    find,
    is_delivery,
    keep,
    options_of,
    read_manifest,
    readable_name,
    remember_options,
    reopen,
)
from warehouse.ingest.aside import LoadFailed, failures_said
from warehouse.ingest.batch import Outcome, forget_batch, load_table
from warehouse.ingest.incoming import Part, open_incoming, parts_of
from warehouse.ingest.journal import Interrupted
from warehouse.ingest.months import mirror_locks
from warehouse.ingest.raw_schema import prepare_raw
from warehouse.ingest.repair import repaired_moment
from warehouse.ingest.retry import release_arrived, release_waiting, retry_rows
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

FILES_NAMED = 5
SUFFIXES = (".csv", ".txt", ".xlsx", ".xls", ".parquet", ".gz", ".zip")


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The files to ingest: files as named, folders by their files in manifest order, then name order.

    Lock files of Office and hidden files are left out; ``Refused`` when nothing else was named.
    """
    found: list[Path] = []
    left_out: list[str] = []
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            inside = sorted(
                each for each in path.iterdir() if each.suffix.lower() in SUFFIXES and is_delivery(each.name)
            )
            if not inside:
                raise Refused(
                    f"文件夹 {path} 中没有可装载的文件（{'、'.join(SUFFIXES)}）。",
                    f"The folder {path} holds no file to load ({', '.join(SUFFIXES)}).",
                )
            found += sorted(inside, key=_manifest_order(path))
        elif not os.path.lexists(path):
            raise Refused(f"找不到 {path}。", f"{path} does not exist.")
        elif path.is_file() and not is_delivery(path.name):
            left_out.append(path.name)
        else:
            found.append(path)  # what is no file is refused when its turn comes, and no other with it
    if left_out and not found:
        raise Refused(
            f"{'、'.join(left_out)} 是 Office 的锁文件或系统留下的隐藏文件，不是数据；请送数据文件本身。",
            f"{', '.join(left_out)}: lock files of Office or hidden files of the system, no data; "
            "deliver the data file itself.",
        )
    return [path for path in found if path.name != MANIFEST_NAME]


def lacking_files(paths: Sequence[Path], settings: Settings) -> Iterator[Text]:
    """What the manifests of the named folders announce and the folders do not hold.

    From the inbox files are moved into the archive: what was loaded once does not lack there.
    """
    for folder in (path for path in paths if path.is_dir()):
        manifest = folder / MANIFEST_NAME
        there = {readable_name(each) for each in folder.iterdir()}
        lacking = [name for name in read_manifest(manifest) if name not in there] if manifest.exists() else []
        if lacking and folder.resolve() == settings.inbox.resolve():
            loaded = {each.file_name for each in batch_records(settings)}
            lacking = [name for name in lacking if name not in loaded]
        if lacking:
            names = ", ".join(lacking[:FILES_NAMED]) + (" …" if len(lacking) > FILES_NAMED else "")
            yield Text(
                f"提示：交付清单 {manifest} 列出的 {len(lacking)} 个文件不在文件夹中：{names}；"
                "请核对是否漏送或改了名，其余照常装载。",
                f"Note: {len(lacking)} files that the manifest {manifest} lists are not in the folder: {names}; "
                "check whether they are still to come or have another name. The others are loaded.",
            )


def ingest(
    paths: Sequence[Path],
    settings: Settings,
    feed_name: str | None = None,
    template: Path | None = None,
) -> Iterator[Outcome]:
    """Load each table as a batch of its own; hold the writer's lock around it.

    A refused table changes nothing in the build database; it stays in the archive for repair.
    """
    waiting = deque(paths)
    is_first = True
    while waiting or is_first:
        is_first, is_sound = False, True
        with build_connection(settings) as connection:
            prepare_raw(connection)
            mirror_locks(connection, settings)
            while waiting and is_sound:
                for outcome in _ingest_file(connection, waiting.popleft(), settings, feed_name, template):
                    is_sound = is_sound and not outcome.has_failed
                    yield outcome


def ingest_archived(
    connection: duckdb.DuckDBPyConnection,
    archived: ArchivedFile,
    settings: Settings,
    feed_name: str | None = None,
    template: Path | None = None,
) -> Iterator[Outcome]:
    """Load the tables of a file that is in the archive; if one met an unforeseen error, the load is set aside."""
    failure: BaseException | None = None
    try:
        with failures_said(archived.name), parts_of(archived, settings) as parts:
            for part in parts:
                outcome, failed = _ingest_part(connection, part, archived, settings, feed_name, template)
                failure = failure or failed
                yield outcome
    except Refused as refusal:
        failure = failure or _failure(refusal)
        yield _refused(archived.name, feed_name, refusal, archived.sha256, archived, settings)
    if failure:
        aside.keep(settings, Interrupted(archived.name, archived.sha256, feed_name, template), failure)
    else:
        aside.forget(settings, archived.sha256)


def retry_aside(
    connection: duckdb.DuckDBPyConnection, settings: Settings, load: aside.SetAside
) -> Iterator[Outcome]:
    """Load a file anew that was set aside, as it was loaded then; what waited for its rows is loaded with it."""
    if find(settings, load.sha256) is None:
        aside.forget(settings, load.sha256)
        text = Text("不在归档中，请重新送来", "is not in the archive; deliver it again")
        yield Outcome(load.file_name, "?", "refused", 0, 0, text)
        return
    archived = reopen(settings, load.sha256)
    journal.begin(settings, Path(load.file_name), load.sha256, None, None)
    for feed_name, template in options_of(settings, load.sha256):
        for outcome in ingest_archived(connection, archived, settings, feed_name, template):
            yield outcome
            if outcome.has_failed:
                journal.end(settings)
                return
    release_arrived(connection, settings)
    journal.end(settings)


def _ingest_file(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    settings: Settings,
    feed_name: str | None,
    template: Path | None,
) -> Iterator[Outcome]:
    known_before = False
    content = ""

    def announce(sha256: str) -> None:
        nonlocal known_before, content
        known_before, content = find(settings, sha256) is not None, sha256
        journal.begin(settings, path, sha256, feed_name, template)

    try:
        with failures_said(readable_name(path)):
            archived = keep(path, settings, announce)
    except Refused as refusal:
        failure = _failure(refusal)
        if failure and content and find(settings, content):
            aside.keep(settings, Interrupted(readable_name(path), content, feed_name, template), failure)
        journal.end(settings)
        yield Outcome(readable_name(path), feed_name or "?", "refused", 0, 0, refusal.text)
        return
    remember_options(settings, archived.sha256, feed_name, template, was_known=known_before)
    yield from ingest_archived(connection, archived, settings, feed_name, template)
    journal.end(settings)


def _ingest_part(
    connection: duckdb.DuckDBPyConnection,
    part: Part,
    archived: ArchivedFile,
    settings: Settings,
    feed_name: str | None,
    template: Path | None,
) -> tuple[Outcome, BaseException | None]:
    """What became of a part, and the unforeseen error if it met one."""
    feed = feed_name
    try:
        with failures_said(part.name):
            try:
                with open_incoming(part, settings, feed_name, template) as incoming:
                    feed = name_of(incoming.feed)
                    outcome = load_table(connection, incoming, archived, settings)
                    if outcome.status == "accepted" and incoming.remarks:
                        outcome = _with_remarks(outcome, incoming.remarks)
            finally:
                forget_batch(connection)
    except Refused as refusal:
        return _refused(part.name, feed, refusal, part.sha256, archived, settings), _failure(refusal)
    if outcome.status != "accepted":
        return outcome, None
    try:
        with failures_said(part.name):
            released = release_waiting(connection, settings, outcome.feed, outcome.batch_id)
    except LoadFailed as failed:
        text = Text(
            f"{outcome.message.zh}；此前等待它的行未能装载，请运行 yibao quarantine retry",
            f"{outcome.message.en}; rows that waited for it could not be loaded: run yibao quarantine retry",
        )
        return replace(outcome, message=text, has_failed=True), failed
    return (_with_released(outcome, released) if released else outcome), None


def _failure(refusal: Refused) -> BaseException | None:
    """The unforeseen error behind a refusal, if there is one."""
    return refusal if isinstance(refusal, LoadFailed) else None


def _with_remarks(outcome: Outcome, remarks: Text) -> Outcome:
    return replace(
        outcome, message=Text(f"{outcome.message.zh}；{remarks.zh}", f"{outcome.message.en}; {remarks.en}")
    )


def retry_batch(
    connection: duckdb.DuckDBPyConnection, settings: Settings, batch_id: str
) -> Iterator[Outcome]:
    """Try the held rows of a batch again; a batch that was refused whole is loaded anew from the archive.

    What is held of a batch may have been loaded meanwhile, with the rows it waited for.
    """
    loaded = _file_and_feed(connection, batch_id)
    if loaded and not quarantine.path_of(settings, batch_id).exists():
        yield Outcome(*loaded, "known", 0, 0, Text("已没有待核的行", "no rows are held any more"), batch_id)
        return
    first = quarantine.rows(settings, batch_id).slice(0, 1).to_pylist()[0]
    batch_id = first["batch_id"]
    archived = reopen(settings, first["sha256"])
    journal.begin(settings, Path(first["file_name"]), archived.sha256, None, None)
    try:
        with failures_said(archived.name):
            if _file_and_feed(connection, batch_id):
                yield _retry_rows(connection, settings, batch_id, first)
            else:
                yield from ingest_archived(connection, archived, settings)
    except LoadFailed as failed:
        aside.keep(settings, Interrupted(archived.name, archived.sha256, None, None), failed)
        journal.end(settings)
        raise
    journal.end(settings)


def _retry_rows(
    connection: duckdb.DuckDBPyConnection, settings: Settings, batch_id: str, first: Mapping[str, str]
) -> Outcome:
    result = retry_rows(connection, settings, batch_id)
    outcome = Outcome(
        first["file_name"],
        first["feed"],
        "accepted",
        result.released,
        result.remaining,
        Text(
            f"待核数据重新检查：装载 {result.released} 行，仍有 {result.remaining} 行待核",
            f"checked the held rows again: {result.released} loaded, {result.remaining} stay",
        ),
        batch_id,
    )
    released = release_waiting(connection, settings, first["feed"], batch_id) if result.released else 0
    return _with_released(outcome, released) if released else outcome


def _file_and_feed(connection: duckdb.DuckDBPyConnection, batch_id: str) -> tuple[str, str] | None:
    """Of an accepted batch."""
    return first_row(
        connection.execute("select file_name, feed from raw.batch where batch_id = ?", [batch_id])
    )


def _with_released(outcome: Outcome, released: int) -> Outcome:
    text = Text(
        f"{outcome.message.zh}；此前等待的 {released} 行随之装载",
        f"{outcome.message.en}; {released} rows that waited were loaded with it",
    )
    return replace(outcome, message=text)


def _refused(
    name: str,
    feed_name: str | None,
    refusal: Refused,
    sha256: str,
    archived: ArchivedFile,
    settings: Settings,
) -> Outcome:
    has_failed = isinstance(refusal, LoadFailed)
    outcome = Outcome(name, feed_name or "?", "refused", 0, 0, refusal.text, has_failed=has_failed)
    batch_id = f"refused-{sha256[:12]}"
    remember_refusal(
        settings,
        batch_id,
        outcome.feed,
        name,
        archived.sha256,
        archived.known_on,
        refusal.text,
        repaired_moment(batch_records(settings), batch_id),
    )
    return outcome


def _manifest_order(folder: Path) -> Callable[[Path], tuple[int, str]]:
    manifest = folder / MANIFEST_NAME
    places = {name: place for place, name in enumerate(read_manifest(manifest))} if manifest.exists() else {}
    return lambda path: (places.get(readable_name(path), len(places)), path.name)
