"""Feed files with their manifest: which rows go into which file, and when it was delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import yaml

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.synthetic.plan import Period, Plan

CONTROL_TOTALS = {
    "settlement": ("medfee_sumamt", "fund_pay_sumamt"),
    "settlement_fund_line": ("fund_payamt",),
    "contribution": ("clct_sumamt",),
    "fund_ledger": ("amount_yuan",),
}
"""Money columns whose totals the manifest states."""


@dataclass(frozen=True)
class Slicing:
    """How a feed is cut into files.

    ``within`` is SQL over a row, true when it belongs to the period with ``{first}`` (its first day),
    ``{after}`` (the day after its last), ``{first_ym}`` and ``{last_ym}`` (yyyymm). ``has_start`` adds a
    first full file of everything before the run; ``is_yearly`` asks for one file a year. The rows of a
    feed with ``is_in_order`` stand in the table in their final order, which a scan keeps.
    """

    feed: str
    within: str
    has_start: bool = False
    is_yearly: bool = False
    is_in_order: bool = False


def by_time(column: str) -> str:
    """Rows whose date or timestamp lies in the period."""
    return f"{column} >= date '{{first}}' and {column} < date '{{after}}'"


def by_month(column: str) -> str:
    """Rows whose yyyymm lies in the period."""
    return f"{column} between '{{first_ym}}' and '{{last_ym}}'"


def by_settlement(column: str = "setl_id") -> str:
    """Rows whose settlement number belongs to the period: it begins with 46 and the month."""
    return f"substr({column}, 3, 6) between '{{first_ym}}' and '{{last_ym}}'"


STATE_FEEDS = (
    Slicing("reference_figure", "revised_on >= date '{first}' and revised_on < date '{after}'", has_start=True, is_yearly=True),
)
RECORD_FEEDS = (
    Slicing("contribution", by_month("cashym")),
    Slicing("settlement", "", is_in_order=True),
    Slicing("settlement_fund_line", by_settlement(), is_in_order=True),
    Slicing("fee_summary", by_settlement(), is_in_order=True),
    Slicing("assisted_roster", by_month("ym")),
)
CLOSING_FEEDS = (
    Slicing("fund_budget", "year = year(date '{first}')", is_yearly=True),
    Slicing("fund_ledger", by_month("ym")),
)


@dataclass(frozen=True)
class FeedFile:
    """A file to be written: the query gives its rows in their order, all contract columns.

    ``totals`` is measured when the file is written; a file whose entry must be wrong brings its own.
    """

    feed: str
    name: str
    query: str
    delivered_on: date
    stated: dict[str, object] = field(default_factory=dict)


class Writer:
    """Writes files and notes them for the manifest, in the order they came in."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, out: Path) -> None:
        self._connection = connection
        self.folder = out / "feeds"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._entries: dict[str, dict[str, object]] = {}

    def write(self, files: Sequence[FeedFile]) -> None:
        for file in files:
            entry = write(self._connection, file, self.folder)
            if entry["rows"] or file.stated:
                self._entries[file.name] = entry | file.stated
            else:
                (self.folder / file.name).unlink()

    def note(self, name: str, entry: dict[str, object]) -> None:
        """Add a file that was written otherwise."""
        self._entries[name] = entry

    def close(self) -> None:
        """Write ``manifest.yml``."""
        text = yaml.safe_dump({"files": self._entries}, allow_unicode=True, sort_keys=False, width=200)
        (self.folder / "manifest.yml").write_text(text, encoding="utf-8")


def write(connection: duckdb.DuckDBPyConnection, file: FeedFile, folder: Path) -> dict[str, object]:
    """Write one file and give its manifest entry (delivery date, feed, rows, control totals)."""
    target = folder / file.name
    form = "format parquet, compression zstd" if target.suffix == ".parquet" else "format csv, header true"
    copied = connection.execute(f"copy ({file.query}) to '{target}' ({form})").fetchone()
    assert copied is not None  # copy always tells how many rows it wrote
    entry: dict[str, object] = {"delivered_on": file.delivered_on, "feed": file.feed, "rows": copied[0]}
    columns = CONTROL_TOTALS.get(file.feed, ())
    if columns:
        sums = ", ".join(f"cast(sum(try_cast({each} as decimal(20, 2))) as varchar)" for each in columns)
        totals = connection.execute(f"select {sums} from ({file.query})").fetchone()
        assert totals is not None  # an aggregate has one row
        entry["totals"] = dict(zip(columns, totals, strict=True))
    return entry


def state_files(connection: duckdb.DuckDBPyConnection, plan: Plan) -> list[FeedFile]:
    """Persons, institutions, enrolment and other state: a full file, then what was new or changed."""
    files = []
    for feed in ("person", "institution", "enrolment"):
        for period in (plan.before, *plan.periods):
            query = _institution_state(period) if feed == "institution" else _versions_of(feed, period)
            files.append(_file(plan, feed, period, query))
    return files + sliced_files(connection, plan, STATE_FEEDS, None)


def record_files(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> list[FeedFile]:
    """The files of the months of one chunk."""
    return sliced_files(connection, plan, RECORD_FEEDS, chunk)


def closing_files(connection: duckdb.DuckDBPyConnection, plan: Plan) -> list[FeedFile]:
    """The files of feeds that are built after all months."""
    return sliced_files(connection, plan, CLOSING_FEEDS, None)


def sliced_files(
    connection: duckdb.DuckDBPyConnection, plan: Plan, feeds: Sequence[Slicing], chunk: Period | None
) -> list[FeedFile]:
    """Files of the feeds that exist, by period; with a chunk only those of its months."""
    existing = {row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()}
    files = []
    for slicing in feeds:
        if slicing.feed not in existing:
            continue
        periods = plan.yearly if slicing.is_yearly else plan.periods
        for period in ((plan.before,) if slicing.has_start else ()) + periods:
            if chunk is None or chunk.first <= period.first <= chunk.last:
                query = _settlements(period) if slicing.feed == "settlement" else _slice(slicing, period)
                files.append(_file(plan, slicing.feed, period, query, not slicing.is_in_order))
    return files


def _file(plan: Plan, feed: str, period: Period, query: str, is_sorted: bool = True) -> FeedFile:
    suffix = "parquet" if plan.has_monthly_files else "csv"
    keys = ", ".join(each.name for each in columns_of(FEEDS[feed]) if each.is_key)
    order = f" order by {keys}" if is_sorted else ""
    return FeedFile(feed, f"{feed}_{period.name}.{suffix}", query + order, period.delivered_on)


def _columns(feed: str) -> str:
    return ", ".join(each.name for each in columns_of(FEEDS[feed]))


def _slice(slicing: Slicing, period: Period) -> str:
    within = slicing.within.format(
        first=period.first, after=period.after, first_ym=f"{period.first:%Y%m}", last_ym=f"{period.last:%Y%m}"
    )
    return f"select {_columns(slicing.feed)} from {slicing.feed} where {within}"


def _versions_of(feed: str, period: Period) -> str:
    """The newest state within the period of each row that was new or changed in it."""
    keys = ", ".join(each.name for each in columns_of(FEEDS[feed]) if each.is_key)
    columns = _columns(feed)
    within = by_time("updt_time").format(first=period.first, after=period.after)
    return f"""
        select {columns} from (
            select {columns} from {feed} where {within}
            union all
            select {columns} from base_{feed}_version where {within}
        ) qualify row_number() over (partition by {keys} order by updt_time desc) = 1
    """


def _institution_state(period: Period) -> str:
    """Periods of validity that began or ended within the file's months, as known at their end."""
    columns = _columns("institution").replace(
        "valid_to", f"if(valid_to >= date '{period.last}', null, valid_to) as valid_to", 1
    )
    began, ended = (
        by_time(column).format(first=period.first, after=period.after)
        for column in ("valid_from", "valid_to + 1")
    )
    return f"select {columns} from institution where ({began}) or ({ended} and valid_from < date '{period.after}')"


def _settlements(period: Period) -> str:
    """Settlements created or changed in the period; one refunded later shows its first state."""
    columns = _columns("settlement")
    first_state = columns.replace("refd_setl_flag", "'0' as refd_setl_flag").replace(
        "updt_time", "crte_time as updt_time"
    )
    within = by_time("updt_time").format(first=period.first, after=period.after)
    created = by_time("crte_time").format(first=period.first, after=period.after)
    return f"""
        select {columns} from (
            select {columns} from settlement where {within}
            union all
            select {first_state} from settlement where {created} and updt_time >= date '{period.after}'
            union all
            select {columns} from base_settlement_resent where {within}
        )
    """
