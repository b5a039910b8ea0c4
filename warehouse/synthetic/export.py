"""Feed files with their manifest: which rows go into which file, and when it was delivered."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import yaml

from warehouse.connections import first_row
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
    Slicing(
        "reference_figure",
        by_time("revised_on"),
        has_start=True,
        is_yearly=True,
    ),
)
RECORD_FEEDS = (
    Slicing("contribution", by_month("cashym"), is_in_order=True),
    Slicing("settlement", "", is_in_order=True),
    Slicing("settlement_fund_line", by_settlement(), is_in_order=True),
    Slicing("fee_summary", by_settlement(), is_in_order=True),
    Slicing("assisted_roster", by_month("ym")),
    Slicing("grouping", by_settlement()),
    Slicing("audit_hit", by_settlement()),
    Slicing("cross_province", by_time("setl_time")),
)
CLOSING_FEEDS = (
    Slicing("fund_budget", "year = year(date '{first}')", is_yearly=True),
    Slicing("fund_ledger", by_month("ym")),
    Slicing("clearing", by_time("coalesce(pay_date, cast(try_strptime(clr_ym, '%Y%m') as date))")),
    Slicing("inspection", by_time("coalesce(close_date, begin_date)")),
    Slicing("recovery", by_time("received_date")),
    Slicing("tender_catalogue", by_time("contract_from"), has_start=True),
    Slicing("procurement_order", by_time("coalesce(pay_time, recv_time, order_time)")),
    Slicing("procurement_report", by_month("ym")),
    Slicing("price_item", by_time("valid_from"), has_start=True),
    Slicing("ecertificate", by_time("activate_time")),
    Slicing("service_item", "list_version = cast(year(date '{first}') as varchar)", is_yearly=True),
    Slicing("service_case", by_time("coalesce(eval_fix_time, finish_time, accept_time)")),
    Slicing("plan_registry", by_time("coalesce(judged_at - 31, date '1949-10-01')"), has_start=True),
    Slicing("poverty_risk", by_time("coalesce(verified_at, pushed_at)")),
    Slicing("chronic_certificate", by_time("begin_date"), has_start=True),
    Slicing("terminal", "date '{after}' > (select max(last_active) from terminal)", is_yearly=True),
    Slicing("county_assessment", "year = year(date '{first}')", is_yearly=True),
)
"""The smaller feeds come when a row is complete: an order once paid, a case once closed."""


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


class _WithoutAliases(yaml.SafeDumper):
    """Writes a value out each time, as manifests are required to."""

    def ignore_aliases(self, data: object) -> bool:
        return True


class Writer:
    """Writes files and notes them for the manifest, in the order they came in.

    ``at_once`` files are written side by side: small ones keep only one thread busy each.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, out: Path, at_once: int = 1) -> None:
        self._connection = connection
        self._at_once = at_once
        self.folder = out / "feeds"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._entries: dict[str, dict[str, object]] = {}

    def write(self, files: Sequence[FeedFile]) -> None:
        with ThreadPoolExecutor(self._at_once) as pool:
            for file, entry in zip(files, pool.map(self._write_one, files), strict=True):
                self._entries[file.name] = entry | file.stated

    def _write_one(self, file: FeedFile) -> dict[str, object]:
        with self._connection.cursor() as cursor:
            cursor.execute("use province")
            return write(cursor, file, self.folder)

    def note(self, name: str, entry: dict[str, object]) -> None:
        """Add a file that was written otherwise."""
        self._entries[name] = entry

    def close(self) -> None:
        """Write ``manifest.yml``."""
        text = yaml.dump(
            {"data_origin": "synthetic", "files": self._entries},
            Dumper=_WithoutAliases,
            allow_unicode=True,
            sort_keys=False,
            width=200,
        )
        (self.folder / "manifest.yml").write_text(text, encoding="utf-8")


def write(connection: duckdb.DuckDBPyConnection, file: FeedFile, folder: Path) -> dict[str, object]:
    """Write one file and give its manifest entry (delivery date, feed, rows, control totals)."""
    target = folder / file.name
    form = "format parquet, compression zstd" if target.suffix == ".parquet" else "format csv, header true"
    copied = first_row(connection.execute(f"copy ({file.query}) to '{target}' ({form})"))
    assert copied is not None  # copy always tells how many rows it wrote
    entry: dict[str, object] = {"delivered_on": file.delivered_on, "feed": file.feed, "rows": copied[0]}
    columns = CONTROL_TOTALS.get(file.feed, ())
    if columns:
        sums = ", ".join(f"cast(sum(try_cast({each} as decimal(20, 2))) as varchar)" for each in columns)
        totals = first_row(connection.execute(f"select {sums} from ({file.query})"))
        assert totals is not None  # an aggregate has one row
        entry["totals"] = dict(zip(columns, totals, strict=True))
    return entry


def with_rows(connection: duckdb.DuckDBPyConnection, files: Sequence[FeedFile]) -> list[FeedFile]:
    """The files that have any row."""
    return [
        file for file in files if first_row(connection.execute(f"select exists ({file.query})")) == (True,)
    ]


def state_files(connection: duckdb.DuckDBPyConnection, plan: Plan) -> list[FeedFile]:
    """Persons, institutions, enrolment and other state: a full file, then what was new or changed."""
    files = []
    for feed in ("person", "institution", "enrolment"):
        for period in (plan.before, *plan.periods):
            query = _institution_state(period) if feed == "institution" else _versions_of(feed, period)
            files.append(_file(plan, feed, period, query, feed == "institution"))
    return files + sliced_files(connection, plan, STATE_FEEDS, None)


def record_files(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> list[FeedFile]:
    """The files of the months of one chunk."""
    return sliced_files(connection, plan, RECORD_FEEDS, chunk)


def closing_files(connection: duckdb.DuckDBPyConnection, plan: Plan) -> list[FeedFile]:
    """The files of feeds that are built after all months."""
    return sliced_files(connection, plan, CLOSING_FEEDS, None) + yearly_accounts(plan)


def yearly_accounts(plan: Plan) -> list[FeedFile]:
    """What the account of a closed year changed in grouping and clearing, delivered in the next spring.

    With dirt, the clearings come with the other late corrections.
    """
    return [
        FeedFile(
            feed,
            f"{feed}_{year}_final.{'parquet' if plan.has_monthly_files else 'csv'}",
            f"select {_columns(feed)} from base_{feed}_final where {column} like '{year}%' order by {key}",
            date(year + 1, 5, 10),
        )
        for year in plan.years
        if date(year + 1, 4, 30) <= plan.last
        for feed, column, key in (
            ("clearing", "clr_ym", "clr_appy_evt_id, fund_code"),
            ("grouping", "grp_ver", "setl_id, grp_ver"),
        )
        if plan.is_clean or feed != "clearing"
    ]


def sliced_files(
    connection: duckdb.DuckDBPyConnection, plan: Plan, feeds: Sequence[Slicing], chunk: Period | None
) -> list[FeedFile]:
    """Files of the feeds that exist, by period; with a chunk only those of its months."""
    existing = {
        row[0] for row in connection.execute("select table_name from information_schema.tables").fetchall()
    }
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
    (key,) = (each.name for each in columns_of(FEEDS[feed]) if each.is_key)
    columns = _columns(feed)
    within = by_time("updt_time").format(first=period.first, after=period.after)
    return f"""
        select {columns} from {feed} where {within}
        union all
        select {columns} from (
            select * from base_{feed}_version where {within}
                and {key} not in (select {key} from {feed} where {within})
            qualify row_number() over (partition by {key} order by updt_time desc) = 1 order by {key}
        )
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
