"""Feeds as assets: one per raw table, filled by one step that loads whatever was delivered.

Which months a file holds is known when it has been read, so the step says so for each feed and month that
arrived; the feeds' own assets carry partitions, due days and senders and are never run by themselves.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from pathlib import Path

import dagster as dg
from pydantic import Field

from orchestration.lib.freshness import freshness_of, partitions_of
from orchestration.lib.holding import holding
from orchestration.lib.inbox import remove_markers
from orchestration.lib.names import NO_FILE_REFUSED
from warehouse.connections import build_connection
from warehouse.control.history import batch_records
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import Feed
from warehouse.feeds.timing import FIRST_MONTH
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import files_in, ingest
from warehouse.ingest.pull import pull
from warehouse.ingest.reconcile import reconcile
from warehouse.ingest.recover import recover
from warehouse.ingest.sources import sources_of
from warehouse.release.pointer import served
from warehouse.settings import Settings
from warehouse.texts import Refused

LOADED = ("batch", "finding", "touched_month", "repeated_key", "person_key")
ALL_SOURCES = "*"
Event = dg.MaterializeResult[None] | dg.AssetCheckResult


class LoadConfig(dg.Config):
    """What to load: files and folders (the inbox if neither is named) and databases of ``sources.yml``."""

    paths: list[str] = Field(default=[], description="文件或文件夹 / files or folders; empty: the inbox")
    sources: list[str] = Field(default=[], description="sources.yml 中的名称，* 为全部 / names, * for all")
    only_new: bool = Field(
        default=False, description="没有未发布的批次则不建库 / stop when every batch is released"
    )
    strict: bool = Field(default=False, description="有一个文件退回即停止 / one refused file stops the run")


def raw_key(table: str) -> dg.AssetKey:
    """The asset key of a raw table, as dagster-dbt names the source."""
    return dg.AssetKey(["raw", table])


def feed_specs() -> list[dg.AssetSpec]:
    """An asset for each feed, with what its contract says."""
    return [_feed_spec(name, feed) for name, feed in FEEDS.items()]


def _feed_spec(name: str, feed: type[Feed]) -> dg.AssetSpec:
    return dg.AssetSpec(
        raw_key(name),
        deps=[raw_key("batch")],
        group_name="feed" if feed.number else "published",
        description=f"{feed.number} {feed.feed_zh} / {feed.feed_en}".strip(),
        kinds={"duckdb"},
        partitions_def=partitions_of(feed),
        freshness_policy=freshness_of(feed),
        metadata={"sender": str(feed.sender), "cadence": feed.cadence},
    )


def load_asset(settings: Settings, *, may_leave_inbox: bool = False) -> dg.AssetsDefinition:
    """The step that loads files and pulls databases.

    Whoever can start a run on a page could name any file of the machine: unless ``may_leave_inbox``, only what lies
    in the inbox is taken.

    Files that are refused do not stop the others: a check names them, and what was accepted is built. It fails,
    without another try, if nothing is there to go on with, or if the run is strict.
    """
    specs = [
        dg.AssetSpec(raw_key(table), group_name="ingest", kinds={"duckdb"}, skippable=True)
        for table in LOADED
    ]

    check = dg.AssetCheckSpec(
        NO_FILE_REFUSED, asset=raw_key("batch"), description="没有退回的文件 / no file was refused"
    )

    @dg.multi_asset(specs=specs, check_specs=[check], name="ingest")
    def load_deliveries(context: dg.AssetExecutionContext, config: LoadConfig) -> Iterator[Event]:
        with holding(context, settings):
            if not may_leave_inbox:
                _require_inbox(settings, config.paths)
            outcomes = _load(context, settings, config)
            arrived = _arrived(settings, outcomes)
            waiting = _unreleased(settings)
        for event in arrived:
            context.log_event(event)
        refused = [str(each.message) for each in outcomes if each.status == "refused"]
        has_rest = bool(waiting) or len(refused) < len(outcomes)
        if refused and (config.strict or not has_rest):
            raise dg.Failure("\n".join(refused), allow_retries=False)
        for message in refused:
            context.log.warning(message)
        yield dg.AssetCheckResult(
            passed=not refused,
            asset_key=raw_key("batch"),
            check_name=NO_FILE_REFUSED,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"refused": refused},
        )
        if config.only_new and not waiting:
            context.log.info("没有新的批次，不建库 / nothing new, nothing is built")
            return
        for table in LOADED:
            yield dg.MaterializeResult(
                asset_key=raw_key(table), metadata={"files": len(outcomes), "unreleased": len(waiting)}
            )

    return load_deliveries


def _require_inbox(settings: Settings, paths: Sequence[str]) -> None:
    inbox = settings.inbox.resolve()
    for path in paths:
        if not Path(path).resolve().is_relative_to(inbox):
            raise Refused(
                f"{path} 不在收件箱中。请把文件放进 {inbox}，或在命令行用 yibao run 装载。",
                f"{path} is not in the inbox. Put the file into {inbox}, or load it on the command line.",
            )


def _load(context: dg.AssetExecutionContext, settings: Settings, config: LoadConfig) -> list[Outcome]:
    for text in recover(settings):
        context.log.info(str(text))
    files = _files(settings, config.paths)
    wanted = [] if ALL_SOURCES in config.sources else config.sources
    databases = sources_of(settings, wanted) if config.sources else {}
    outcomes: list[Outcome] = []
    pulled = (pull(each.wish(), settings) for each in databases.values())
    for outcome in chain(ingest(files, settings), chain.from_iterable(pulled)):
        context.log.info(f"{outcome.file_name} [{outcome.feed}] {outcome.message}")
        outcomes.append(outcome)
    reconcile(settings)
    remove_markers(files)
    return outcomes


def _files(settings: Settings, paths: Sequence[str]) -> list[Path]:
    """The files as named; one that was in the inbox may have been loaded by somebody else meanwhile."""
    if not paths:
        return files_in([settings.inbox]) if any(settings.inbox.glob("*.*")) else []
    named = [Path(path) for path in paths]
    return files_in([path for path in named if path.exists() or path.parent != settings.inbox])


def _arrived(settings: Settings, outcomes: Sequence[Outcome]) -> list[dg.AssetMaterialization]:
    """One event for each feed and month that the accepted batches hold."""
    accepted = {each.batch_id: each.feed for each in outcomes if each.status == "accepted"}
    rows: defaultdict[tuple[str, date | None], int] = defaultdict(int)
    batches: defaultdict[tuple[str, date | None], list[str]] = defaultdict(list)
    with build_connection(settings) as connection:
        touched = connection.execute(
            "select batch_id, month, rows_touched from raw.touched_month order by all"
        ).fetchall()
    newest = date.today().replace(day=1)
    for batch_id, month, count in touched:
        feed = accepted.get(batch_id)
        if feed and partitions_of(FEEDS[feed]) and FIRST_MONTH <= month <= newest:
            rows[feed, month] += count
            batches[feed, month].append(batch_id)
    for each in outcomes:
        if each.status == "accepted" and partitions_of(FEEDS[each.feed]) is None:
            rows[each.feed, None] += each.rows_accepted
            batches[each.feed, None].append(each.batch_id)
    return [
        dg.AssetMaterialization(
            raw_key(feed),
            partition=month.isoformat() if month else None,
            metadata={"rows": count, "batches": batches[feed, month]},
        )
        for (feed, month), count in rows.items()
    ]


def _unreleased(settings: Settings) -> list[str]:
    """Accepted batches that the served release does not hold."""
    try:
        released = set(served(settings).manifest()["batches"])
    except Refused:
        released = set()
    return [
        each.batch_id
        for each in batch_records(settings)
        if each.status == "accepted" and each.batch_id not in released
    ]
