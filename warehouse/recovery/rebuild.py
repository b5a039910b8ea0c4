"""The build database made anew from the archive and the decisions, beside the old one, and then put in its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import duckdb

from warehouse import durable, person_secret
from warehouse.connections import build_connection
from warehouse.control.database import migrate
from warehouse.control.history import batch_records
from warehouse.home import make_folders
from warehouse.ingest import archive
from warehouse.ingest import aside as set_aside
from warehouse.ingest.batch import Outcome
from warehouse.ingest.compact import compact
from warehouse.ingest.deliver import ingest_archived, retry_batch
from warehouse.ingest.raw_schema import prepare_raw
from warehouse.recovery.replay import Event, events
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

PROGRESS_STEP = 50


@dataclass(frozen=True)
class Rebuilt:
    """How many steps were replayed, and the batches of the control database that did not come back."""

    steps: int
    missing: list[str]


def rebuild(settings: Settings, say: Callable[[Text], None]) -> Rebuilt:
    """Replay everything into a new build database and put it in the old one's place.

    Until the last step the old file stays where it is; a rebuild that is killed leaves nothing but a
    folder, which the next one removes. Raises ``Refused`` when the archive lacks or damaged a file.
    Hold the writer's lock around it.
    """
    finish_swap(settings)
    person_secret.read(settings)
    aside = _prepare(settings)
    steps = _without_set_aside(settings, events(settings), say)
    for step in steps:
        if step.kind == "load":
            _require_intact(settings, step.subject)
    with build_connection(aside) as connection:
        prepare_raw(connection)
        for number, step in enumerate(steps, 1):
            for outcome in _replay(connection, aside, settings, step):
                if outcome.has_failed:
                    say(_skipped(outcome.file_name, outcome.message))
            if number % PROGRESS_STEP == 0:
                say(Text(f"  {number}/{len(steps)}", f"  {number}/{len(steps)}"))
        _keep_moments(connection, settings)
        connection.execute("checkpoint")
        present = {row[0] for row in connection.execute("select batch_id from raw.batch").fetchall()}
    accepted = [each.batch_id for each in batch_records(settings) if each.status == "accepted"]
    _keep_set_aside(aside, settings)
    settings.rebuilt_mark.touch()
    durable.flush(settings.rebuilt_mark.parent)
    finish_swap(settings)
    return Rebuilt(len(steps), sorted(set(accepted) - present))


def finish_swap(settings: Settings) -> None:
    """Put a finished rebuild in place, as far as that was not done; without one, nothing."""
    if not settings.rebuilt_mark.exists():
        return
    aside = _aside(settings)
    if aside.quarantine.exists():
        shutil.rmtree(settings.quarantine, ignore_errors=True)
        aside.quarantine.rename(settings.quarantine)
    if aside.build_database.exists():
        wal = settings.build_database.with_suffix(".duckdb.wal")
        wal.unlink(missing_ok=True)
        settings.passed_build.unlink(missing_ok=True)
        aside.build_database.replace(settings.build_database)
    durable.flush(settings.home)
    shutil.rmtree(aside.home)


def _without_set_aside(settings: Settings, steps: list[Event], say: Callable[[Text], None]) -> list[Event]:
    """The steps without the files that nothing could be loaded of: one may end the process that reads it."""
    accepted = {each.sha256 for each in batch_records(settings) if each.status == "accepted"}
    skipped = {each.sha256: each for each in set_aside.kept(settings) if each.sha256 not in accepted}
    for load in skipped.values():
        say(_skipped(load.file_name, Text(f"已搁置（{load.error}）", f"it is set aside ({load.error})")))
    return [step for step in steps if step.kind != "load" or step.subject not in skipped]


def _skipped(name: str, why: Text) -> Text:
    return Text(
        f"跳过 {name}：{why.zh}；其余照常重建。", f"Skipped {name}: {why.en} The rebuild goes on without it."
    )


def _keep_set_aside(aside: Settings, settings: Settings) -> None:
    """What could not be loaded in the rebuild is set aside in the home itself."""
    for note in aside.set_aside.glob("*.json"):
        settings.set_aside.mkdir(mode=0o700, exist_ok=True)
        durable.replace(settings.set_aside / note.name, note.read_bytes())


def _aside(settings: Settings) -> Settings:
    folder = settings.rebuilt_mark.parent
    return replace(settings, home=folder, control_url=f"sqlite:///{folder / 'control.sqlite'}")


def _prepare(settings: Settings) -> Settings:
    """An empty home that shares the archive and the secret of the person keys."""
    aside = _aside(settings)
    shutil.rmtree(aside.home, ignore_errors=True)
    aside.home.mkdir(mode=0o700)
    aside.archive.symlink_to(settings.archive)
    aside.person_key_file.symlink_to(settings.person_key_file)
    make_folders(aside)
    migrate(aside.control_url)
    return aside


def _require_intact(settings: Settings, sha256: str) -> None:
    archived = archive.reopen(settings, sha256)
    if archive.content_hash(archived, settings) != sha256:
        raise Refused(
            f"归档中的 {archived.name}（{archived.kept}）已损坏；请从备份恢复这个文件后再重建。",
            f"{archived.name} in the archive ({archived.kept}) is damaged; restore it from a backup first.",
        )


def _replay(
    connection: duckdb.DuckDBPyConnection, aside: Settings, settings: Settings, step: Event
) -> list[Outcome]:
    if step.kind == "lock":
        connection.execute(
            "insert into raw.month_lock values (?, ?)", [date.fromisoformat(step.subject), step.locked_on]
        )
        return []
    if step.kind == "compact":
        for _ in compact(connection):
            pass
        return []
    if step.kind == "quarantine.retry":
        return list(_retry(connection, aside, step.subject))
    outcomes = []
    for feed_name, template in archive.options_of(settings, step.subject):
        archived = archive.reopen(aside, step.subject)
        outcomes += list(ingest_archived(connection, archived, aside, feed_name, template))
    return outcomes


def _retry(connection: duckdb.DuckDBPyConnection, aside: Settings, batch_id: str) -> list[Outcome]:
    """A batch of which nothing is held has nothing to be tried again."""
    try:
        return list(retry_batch(connection, aside, batch_id))
    except Refused:
        return []


def _keep_moments(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """A batch keeps the moment at which it first came, so that the order stays for the next rebuild."""
    for record in batch_records(settings):
        connection.execute(
            "update raw.batch set _ingested_at = ? where batch_id = ?", [record.received_at, record.batch_id]
        )
