"""Late changes of every column that a model reads, and what an increment holds against a build from nothing."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from golden_home import FEEDS as FILES
from golden_home import Rows, rows

from warehouse.connections import build_connection
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import ContractColumn, Feed, columns_of, name_of
from warehouse.ingest.codes import allowed
from warehouse.ingest.deliver import files_in, ingest
from warehouse.settings import DBT_PROJECT, Settings, load_settings
from warehouse.transform import NO_LIMIT, run_models, set_parameters

SUMS = ("int_benefit__cells", "int_benefit__stays", "int_benefit__person_months")
# what the monthly sums rest on, by the lineage that test_increments.py checks
DEPENDED_ON = ("settlement", "institution", "person", "assisted_roster", "grouping", "clearing")
DELIVERED = "2025-03-10"
LATE = "2025-03-01 08:00:00"
Row = dict[str, str]


def copy_of(home: Settings, folder: Path) -> Settings:
    """A home of its own, as the other stands."""
    shutil.copytree(home.home, folder)
    return load_settings(folder)


def build_sums(settings: Settings, known_on: date | None = None) -> None:
    """Bring the monthly sums, and what they rest on, up to date."""
    set_parameters(settings, None, known_on)
    result = run_models(settings, select=" ".join(f"+{name}" for name in SUMS))
    assert not result.failures, result.failures


def sums(settings: Settings) -> dict[str, Rows]:
    """All rows of the monthly sums."""
    return {name: rows(settings, f"select * from intermediate.{name} order by all") for name in SUMS}


def sums_from_nothing(settings: Settings) -> dict[str, Rows]:
    """What the monthly sums hold when all months are computed anew."""
    with build_connection(settings) as connection:
        for table in ("built_model", "built_batch", "built_input"):
            connection.execute(f"delete from raw.{table}")
    result = run_models(settings, select=" ".join(SUMS))
    assert not result.failures, result.failures
    return sums(settings)


def differences(settings: Settings, known_on: date | None = None) -> dict[str, tuple[int, int]]:
    """By sum, how many rows an increment lacks and how many it has too many; empty where it is right."""
    build_sums(settings, known_on)
    found = sums(settings)
    expected = sums_from_nothing(settings)
    return {
        name: (len(set(expected[name]) - set(found[name])), len(set(found[name]) - set(expected[name])))
        for name in SUMS
        if found[name] != expected[name]
    }


def build_everything(settings: Settings) -> None:
    """All seeds and models, without the tests."""
    set_parameters(settings, None, None)
    result = run_models(settings, select="resource_type:seed resource_type:model")
    assert not result.failures, result.failures


def everything(settings: Settings) -> dict[str, Rows]:
    """All rows of all tables that dbt builds, without what tells of the build or of the moment of loading."""
    tables = rows(
        settings,
        """
        select schema_name, table_name from duckdb_tables()
        where schema_name <> 'raw' and not starts_with(table_name, 'int_benefit__changed_')
            and table_name <> 'feed_finding'
        order by all
        """,
    )
    return {
        f"{schema}.{table}": rows(
            settings,
            f"""
            select columns(lambda name: name not in ('_batch_id', '_ingested_at', 'ingested_at'))
            from {schema}.{table} order by all
            """,
        )
        for schema, table in tables
    }


def known_on_of(settings: Settings) -> date | None:
    """The day as of which a home was built; none without a limit."""
    (day,) = rows(settings, "select known_on from raw.build_parameter")[0]
    return None if day == NO_LIMIT else day


def columns_read(feed: type[Feed]) -> list[ContractColumn]:
    """The columns of a feed that some model names: those of its staging, and of models that read it directly."""
    name = name_of(feed)
    texts = [
        text
        for path in (DBT_PROJECT / "models").rglob("*.sql")
        if re.search(rf"(newest_rows\(\s*|source\('raw', )'{name}'", text := path.read_text(encoding="utf-8"))
    ]
    return [each for each in columns_of(feed) if any(re.search(rf"\b{each.name}\b", text) for text in texts)]


@dataclass(frozen=True)
class Change:
    """A column of a row, to be delivered late with another value."""

    feed: str
    column: str

    def __str__(self) -> str:
        return f"{self.feed}.{self.column}"


def changes(*feeds: str) -> Iterator[Change]:
    """Every column that a model reads, of the feeds given or of all that the golden province has."""
    present = {path.name.split("@")[0].rsplit("_", 1)[0] for path in FILES.iterdir()}
    for name in feeds or sorted(present & FEEDS.keys()):
        for column in columns_read(FEEDS[name]):
            if column.name != FEEDS[name].version:
                yield Change(name, column.name)


def rounds(feed: str) -> Iterator[tuple[Change, ...]]:
    """Changes that do not hide each other: of settlements, one a month of the golden province; else one alone."""
    found = list(changes(feed))
    size = len(_rows_by_month()) if feed == "settlement" else 1
    for start in range(0, len(found), size):
        yield tuple(found[start : start + size])


def deliver_change(
    settings: Settings,
    change: Change,
    folder: Path,
    *,
    with_version: bool = True,
    place: int | None = None,
    most: int = 1,
) -> bool:
    """Deliver a changed row that is accepted; False when the rules take no other value of it alone.

    Of settlements, ``place`` says which month's row is tried; ``most`` how many values of it are delivered.
    """
    taken = 0
    feed = FEEDS[change.feed]
    column = next(each for each in columns_of(feed) if each.name == change.column)
    candidates = _rows_to_change(change) if place is None else _rows_by_month()[place]
    for number, row in enumerate(candidates):
        for choice, changed in enumerate(_changed(feed, column, row)):
            if feed.version and with_version and feed.version in row:
                changed = changed | {feed.version: LATE}
            elif feed.version and not with_version:
                changed.pop(feed.version, None)
            path = folder / f"{change.feed}_{change.column}_{number}_{choice}@{DELIVERED}.csv"
            _write(path, [changed])
            (outcome,) = ingest(files_in([path]), settings)
            taken += outcome.status == "accepted" and not outcome.rows_refused
            if taken == most:
                return True
    return taken > 0


def _rows_of(feed: str) -> list[Row]:
    found = []
    for path in sorted(FILES.glob(f"{feed}_*")):
        with path.open(encoding="utf-8", newline="") as stream:
            found += list(csv.DictReader(stream))
    return found


def _rows_to_change(change: Change) -> list[Row]:
    """Rows of the golden province, those first that have a value in the column."""
    return sorted(_rows_of(change.feed), key=lambda row: not row.get(change.column))[:3]


def _rows_by_month() -> list[list[Row]]:
    """The settlements of the golden province that refund nothing, month by month."""
    found: dict[str, list[Row]] = {}
    for row in _rows_of("settlement"):
        if not row["init_setl_id"]:
            found.setdefault(row["setl_time"][:7], []).append(row)
    return [found[month] for month in sorted(found)]


def _changed(feed: type[Feed], column: ContractColumn, row: Row) -> Iterator[Row]:
    companions = TOGETHER.get(name_of(feed), {})
    for value in _other_values(column, row.get(column.name) or ""):
        yield row | {column.name: value}
        if column.name in companions:
            step = Decimal(value) - Decimal(row.get(column.name) or 0)
            together = {
                name: f"{Decimal(row.get(name) or 0) + sign * step:.2f}"
                for name, sign in companions[column.name].items()
            }
            yield row | {column.name: value} | together


# what moves with an amount, so that the parts of a whole still meet
OFF_THE_PERSON = {"fund_pay_sumamt": 1, "psn_pay": -1, "cash_payamt": -1}
TOGETHER = {
    "settlement": {
        "medfee_sumamt": {"fulamt_ownpay_amt": 1, "psn_pay": 1, "cash_payamt": 1},
        "fulamt_ownpay_amt": {"inscp_amt": -1},
        "overlmt_selfpay": {"inscp_amt": -1},
        "preselfpay_amt": {"inscp_amt": -1},
        "inscp_amt": {"fulamt_ownpay_amt": -1},
        "hifp_pay": OFF_THE_PERSON,
        "cvlserv_pay": OFF_THE_PERSON,
        "hifes_pay": OFF_THE_PERSON,
        "hifmi_pay": OFF_THE_PERSON,
        "hifob_pay": OFF_THE_PERSON,
        "hifdm_pay": OFF_THE_PERSON,
        "maf_pay": OFF_THE_PERSON,
        "othfund_pay": OFF_THE_PERSON,
        "fund_pay_sumamt": {"hifp_pay": 1, "psn_pay": -1, "cash_payamt": -1},
        "psn_pay": {"cash_payamt": 1, "medfee_sumamt": 1, "fulamt_ownpay_amt": 1},
        "acct_pay": {"cash_payamt": -1},
        "cash_payamt": {"acct_pay": -1},
        "ownpay_hosp_part": {"medfee_sumamt": 1, "fulamt_ownpay_amt": 1},
    },
    "clearing": {
        "appy_fund": {"actual_pay": 1},
        "audit_deduct": {"actual_pay": -1},
        "chk_deduct": {"actual_pay": -1},
        "reserve": {"actual_pay": -1},
        "prepay_offset": {"actual_pay": -1},
        "surplus_retain": {"actual_pay": 1},
        "actual_pay": {"appy_fund": 1},
    },
    "contribution": {
        "psn_clct_amt": {"clct_sumamt": 1},
        "finsubs_amt": {"clct_sumamt": 1},
        "clct_sumamt": {"psn_clct_amt": 1},
    },
}


def _other_values(column: ContractColumn, value: str) -> Iterator[str]:
    codes = sorted(allowed(column) - {value})
    if codes:
        yield from codes[:12]
    elif column.is_month:
        first = datetime.strptime(value or "202306", "%Y%m")
        yield f"{first - timedelta(days=1):%Y%m}"
        yield f"{first + timedelta(days=31):%Y%m}"
    elif column.sql_type == "date":
        day = date.fromisoformat(value or "2024-06-15")
        yield from (f"{day + timedelta(days=step)}" for step in (-31, -1, 1))
    elif column.sql_type == "timestamp":
        at = datetime.fromisoformat(value or "2024-06-15 08:00:00")
        yield from (f"{at + timedelta(days=step)}" for step in (-31, -1, 1))
    elif column.sql_type.startswith("decimal"):
        yield from (f"{Decimal(value or 0) + step:.2f}" for step in (Decimal(1), Decimal(-1)))
    elif column.sql_type == "bigint":
        yield str(int(value or 0) + 1)
        yield str(int(value or 2024) - 1)
    else:
        yield from KNOWN.get(column.name, ())
        yield f"{value[:-1]}9" if not value.endswith("9") else f"{value[:-1]}8"


# values that refer to other rows of the golden province
KNOWN = {
    "psn_no": ("46990000000021", "46990000000010"),
    "fixmedins_code": ("H46010000002", "H46010000003"),
    "certno": ("999999199009203314", "99999920150920222X", "999999201509207776"),
    "medins_natu": ("民营", "公立"),
    "is_primary": ("1", "0"),
    "grp": ("特困", "低保"),
    "init_setl_id": ("S5", "B7"),
    "setl_id": ("B4", "B5"),
    "year": ("2023", "2022"),
}


def _write(path: Path, content: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(content[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(content)
