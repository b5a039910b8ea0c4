"""A statistician's query runs on a locked-down release within limits."""

from __future__ import annotations

import csv
import io
import json
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.query.export import exported
from warehouse.query.formats import WRITERS, rows_of, text_of, to_csv, to_json, to_parquet, to_xlsx
from warehouse.query.run import query
from warehouse.release.pointer import Release, served
from warehouse.settings import QueryLimits, load_settings
from warehouse.texts import Refused

LIMITS = QueryLimits(seconds=20, memory_mb=512)


@pytest.fixture
def release(released_home: Path) -> Release:
    return served(load_settings(released_home))


HOSTILE = [
    "drop table indicator.value",
    "insert into plan.target select * from plan.target",
    "update plan.target set owner = 'x'",
    "create table indicator.mine as select 1",
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/hostname')",
    "select * from read_blob('/proc/self/environ')",
    "select * from '/etc/passwd'",
    "select * from glob('/*')",
    "copy (select 1) to '/tmp/yibao_leak.csv'",
    "export database '/tmp/yibao_leak'",
    "attach '/tmp/yibao_other.duckdb'",
    "attach ':memory:' as m; copy from database m to province",
    "install httpfs",
    "load parquet_scanner",
    "set memory_limit = '64GB'",
    "set enable_external_access = true",
    "reset threads",
    "pragma enable_profiling",
    "pragma database_list",
    "create secret s (type s3)",
]


@pytest.mark.parametrize("statement", HOSTILE)
def test_hostile_statements_are_refused(release: Release, statement: str) -> None:
    before = release.database.read_bytes()
    with pytest.raises(Refused):
        query(release.database, statement, LIMITS)
    assert release.database.read_bytes() == before
    assert not list(Path("/tmp").glob("yibao_leak*"))
    assert not Path("/tmp/yibao_other.duckdb").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "select count(*) from range(10000000000) as a (i), range(1000) as b (j) where i % 7 = j % 3",
        "select length(repeat('x', 2000000000) || repeat('y', 2000000000))",
        "with recursive r as (select 1 as n union all select n + 1 from r) select max(n) from r",
    ],
)
def test_endless_queries_are_stopped(release: Release, statement: str) -> None:
    started = time.monotonic()
    with pytest.raises(Refused):
        query(release.database, statement, QueryLimits(seconds=2, memory_mb=256))
    assert time.monotonic() - started < 12


def test_too_much_memory_is_said(release: Release) -> None:
    with pytest.raises(Refused, match="内存"):
        query(
            release.database,
            "select list(i) from range(200000000) as t (i)",
            QueryLimits(seconds=30, memory_mb=128),
        )


def test_errors_carry_the_databases_reason(release: Release) -> None:
    with pytest.raises(Refused, match="nowhere"):
        query(release.database, "select * from nowhere", LIMITS)


SAMPLE = pa.table(
    {
        "name": ["海南", "=1+1", None],
        "amount": pa.array([Decimal("22.18"), Decimal("-0.10"), None], pa.decimal128(10, 2)),
        "day": pa.array([18627, None, 0], pa.date32()),
    }
)


def test_csv_opens_right_and_runs_nothing() -> None:
    lines = to_csv(SAMPLE).decode("utf-8-sig").splitlines()
    assert lines == ["name,amount,day", "海南,22.18,2020-12-31", "'=1+1,-0.10,", ",,1970-01-01"]


def test_a_head_or_a_carriage_return_runs_nothing_in_a_spreadsheet() -> None:
    """A spreadsheet begins a new row at a bare carriage return, unless the field is quoted."""
    names = ["=1+1", "A\r=1+1", "＝1+1"]
    cells = [["A\r=1+1"], ["\n=1+1"], ["-1.5%"]]
    text = to_csv(pa.Table.from_arrays([pa.array(each) for each in cells], names)).decode("utf-8-sig")
    assert text == '"\'=1+1","A\r=1+1","\'＝1+1"\n"A\r=1+1","\'\n=1+1","-1.5%"\n'
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["'=1+1", "A\r=1+1", "'＝1+1"],
        ["A\r=1+1", "'\n=1+1", "-1.5%"],
    ]


@pytest.mark.parametrize("format_name", WRITERS)
def test_every_type_of_the_engine_is_written_at_its_ends(format_name: str) -> None:
    """``test_all_types`` holds the least and the greatest value of each type, and nothing."""
    table = duckdb.sql("from test_all_types()").to_arrow_table()
    assert WRITERS[format_name](table)


def test_times_beyond_python_are_texts_as_the_database_writes_them() -> None:
    values = [
        "timestamp 'infinity'",
        "date '-infinity'",
        "timestamptz 'infinity'",
        "timestamp '12345-01-02'",
        "time '24:00:00'",
        "[date 'infinity']",
        "timestamp '9998-12-31 23:59:59'",
    ]
    found = duckdb.sql(f"select {', '.join(values)}").to_arrow_table()
    assert to_csv(found).decode().splitlines()[-1] == (
        "infinity,-infinity,infinity,12345-01-02 00:00:00,24:00:00,[infinity],9998-12-31 23:59:59"
    ).replace(",-infinity", ",'-infinity")
    assert "12345-01-02 00:00:00" in to_json(found).decode()
    assert openpyxl.load_workbook(io.BytesIO(to_xlsx(found))).active["A2"].value == "infinity"


def test_whole_numbers_beyond_64_bits_keep_every_digit(release: Release) -> None:
    """Arrow has no type for them: as its decimals, the greatest would come as -1."""
    greatest = 2**128 - 1
    sql = f"select {greatest} :: uhugeint as a, 2**127 - 1 :: hugeint as b, [{greatest} :: uhugeint] as a"
    sql = sql.replace("2**127 - 1", str(2**127 - 1))
    ((first, second, third),) = rows_of(query(release.database, sql, LIMITS).table)
    assert (first, int(second), third) == (str(greatest), 2**127 - 1, f"[{greatest}]")


def test_json_is_an_array_of_objects() -> None:
    assert json.loads(to_json(SAMPLE))[0] == {"name": "海南", "amount": 22.18, "day": "2020-12-31"}
    assert json.loads(to_json(SAMPLE.slice(0, 0))) == []


@pytest.mark.parametrize(
    "interval",
    [
        "interval '14 months 3 days 04:05:06.5'",
        "interval '1 year'",
        "-interval '1 day'",
        "-interval '25 months 61 minutes'",
        "interval '0 days'",
    ],
)
def test_an_interval_reads_as_the_database_writes_it(interval: str) -> None:
    found = duckdb.sql(f"select {interval} as span, ({interval}) :: varchar as written").to_arrow_table()
    ((span, written),) = rows_of(found)
    assert text_of(span) == written


def test_parquet_keeps_types() -> None:
    assert pq.read_table(io.BytesIO(to_parquet(SAMPLE))).equals(SAMPLE)


def test_xlsx_has_texts_numbers_and_dates_but_no_formula() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(SAMPLE))).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0] == ["name", "amount", "day"]
    assert cells[1][:2] == ["海南", 22.18]
    assert cells[1][2].isoformat() == "2020-12-31T00:00:00"
    assert sheet["A3"].data_type == "s"
    assert sheet.freeze_panes == "A2"


def test_xlsx_keeps_every_digit_of_long_numbers() -> None:
    """A spreadsheet keeps 15 digits: longer numbers are texts, as the loader asks of those who deliver."""
    values: dict[str, list[object]] = {
        "identity": [460001199003071234],
        "yuan": [Decimal("12345678901234567.89")],
        "negative": [-1234567890123456],
        "short": [123456789012345],
        "padded": [Decimal("12345678.500000000000")],
        "ratio": [Decimal("0.1234567891")],
        "measure": [0.1 + 0.2],
    }
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(pa.table(values)))).active
    found = {column[0].value: column[1].value for column in sheet.iter_cols()}
    assert found == {
        "identity": "460001199003071234",
        "yuan": "12345678901234567.89",
        "negative": "-1234567890123456",
        "short": 123456789012345,
        "padded": 12345678.5,
        "ratio": 0.1234567891,
        "measure": pytest.approx(0.3),
    }


@pytest.mark.parametrize("format_name", WRITERS)
def test_a_result_is_written_in_a_process_of_its_own(format_name: str) -> None:
    assert len(exported(SAMPLE, format_name)) > 20
    if format_name != "xlsx":  # a workbook holds the moment it was made
        assert exported(SAMPLE, format_name) == WRITERS[format_name](SAMPLE)


def test_what_cannot_be_written_is_refused() -> None:
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"])
    with pytest.raises(Refused, match="json"):
        exported(twice, "json")
