"""A quote or a comma in the wrong place never makes records vanish or move in silence."""

from __future__ import annotations

import duckdb
import pyarrow.parquet as pq
import pytest

from warehouse.home import writer
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import files_in, ingest
from warehouse.settings import Settings

COLUMNS = (
    "setl_id,psn_no,insutype,insu_admdvs,fixmedins_name,begndate,setl_time,med_type,medfee_sumamt,"
    "psn_name,refd_setl_flag,dise_name"
)
NAME = "样例医院一"


def record(number: int, name: str = NAME, end: str = "", person: str = "张三") -> str:
    return f"N{number:05},4699{number:06},310,460100,{name},2024-12-01,2024-12-01 10:00:00,11,50.00,{person},0,{end}"


def records(count: int = 1000) -> list[str]:
    return [record(number) for number in range(1, count + 1)]


def load(settings: Settings, lines: list[str], ends: str = "\n", header: str = COLUMNS) -> Outcome:
    path = settings.home.parent / "settlement@2025-01-11.csv"
    path.write_bytes((ends.join((header, *lines)) + ends).encode())
    with writer(settings):
        (outcome,) = ingest(files_in([path]), settings)
    return outcome


def raw(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def held(settings: Settings) -> dict[int, list[str]]:
    return {
        row["record"]: row["codes"]
        for path in settings.quarantine.glob("*.parquet")
        for row in pq.read_table(path).to_pylist()
    }


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("first", "last"),
    [
        (f'"{NAME}', f'{NAME}"'),  # the quote closes in the same column
        (f'"{NAME}', '"样"例'),  # it closes before other text
        (f'"{NAME}', NAME),  # it never closes
    ],
)
def test_a_quote_that_swallows_records_refuses_the_file_and_says_where_it_opens(
    home: Settings, first: str, last: str, ends: str
) -> None:
    lines = records()
    lines[100], lines[700] = record(101, first), record(701, last)
    outcome = load(home, lines, ends)
    assert outcome.status == "refused"
    assert "第 101 条记录（第 102 行起" in outcome.message.zh
    assert "引号没有在本行结束" in outcome.message.zh
    assert raw(home, "select count(*) from raw.settlement") == [(0,)]


def test_the_line_of_a_swallowing_quote_counts_line_breaks_before_it(home: Settings) -> None:
    lines = records()
    lines[10] = record(11, end='"两行\n的病名"')
    lines[100], lines[700] = record(101, f'"{NAME}'), record(701, f'{NAME}"')
    assert "第 101 条记录（第 103 行起" in load(home, lines).message.zh


def test_a_quote_in_another_column_of_a_later_line_is_no_record(home: Settings) -> None:
    lines = records()
    lines[100], lines[300] = record(101, f'"{NAME}'), record(301, person='张三"')
    outcome = load(home, lines)
    assert (outcome.status, "第 101 条记录" in outcome.message.zh) == ("refused", True)


def test_a_quote_over_two_lines_is_refused_and_counts_as_two(home: Settings) -> None:
    lines = records()
    lines[100], lines[101] = record(101, f'"{NAME}'), record(102, f'{NAME}"')
    outcome = load(home, lines)
    assert (outcome.status, outcome.rows_accepted, outcome.rows_refused) == ("accepted", 998, 2)
    assert held(home) == {101: ["format:line"]}
    assert raw(home, "select rows_read, rows_accepted, rows_refused from raw.batch") == [(1000, 998, 2)]


def test_two_lines_swallowed_in_a_short_file_pass_the_limit(home: Settings) -> None:
    lines = records(190)
    lines[100], lines[101] = record(101, f'"{NAME}'), record(102, f'{NAME}"')
    outcome = load(home, lines)
    assert (outcome.status, "190 条记录中 2 条不合格" in outcome.message.zh) == ("refused", True)


def test_a_line_break_in_a_name_is_reported_and_one_in_a_number_refused(home: Settings) -> None:
    lines = records()
    lines[4] = record(5, end='"甲，\n乙"')
    lines[8] = record(9).replace("4699000009", '"4699\n000009"')
    assert load(home, lines).rows_accepted == 999
    assert held(home) == {9: ["format:psn_no"]}
    finding = "select rows_found, first_records from raw.finding where rule = 'line_break:dise_name'"
    assert raw(home, finding) == [(1, [5])]


@pytest.mark.parametrize("name", ["样例,分院", f"{NAME},"])
def test_an_unquoted_comma_is_found_though_the_last_column_is_empty(home: Settings, name: str) -> None:
    lines = records()
    lines[4] = record(5, name)
    outcome = load(home, lines)
    assert (outcome.rows_accepted, held(home)) == (999, {5: ["format:line"]})


def test_an_unquoted_comma_is_found_among_quoted_ones(home: Settings) -> None:
    lines = [record(number, '"样例,分院"') for number in range(1, 1001)]
    lines[6] = record(7, "样例,分院")
    assert (load(home, lines).rows_accepted, held(home)) == (999, {7: ["format:line"]})


def test_an_unquoted_comma_is_found_in_a_line_that_is_read_again(home: Settings) -> None:
    lines = records()
    lines[4] = record(5, "样例,分院").replace("50.00", "￥50.00")
    assert (load(home, lines).rows_accepted, held(home)) == (999, {5: ["format:line"]})


def test_a_separator_at_the_end_of_every_line_is_a_habit(home: Settings) -> None:
    assert load(home, [f"{line}," for line in records(200)]).rows_accepted == 200


def test_the_rarer_of_two_lengths_is_refused(home: Settings) -> None:
    lines = [f"{line}," for line in records()]
    lines[4] = record(5)
    assert (load(home, lines).rows_accepted, held(home)) == (999, {5: ["format:line"]})


def test_a_header_in_the_middle_and_blank_lines_are_no_records(home: Settings) -> None:
    lines = [*records(500), COLUMNS, *(record(number) for number in range(501, 1001)), "", ""]
    outcome = load(home, ["", *lines])
    assert (outcome.status, outcome.rows_accepted) == ("accepted", 1000)
    assert held(home) == {501: ["header_line"]}


def test_quotes_that_belong_there_stay(home: Settings) -> None:
    lines = records()
    lines[1] = record(2, '"一""号""医院"')
    lines[2] = record(3, '5"医院')
    assert load(home, lines).rows_accepted == 1000
    names = "select fixmedins_name from raw.settlement where _row in (2, 3) order by _row"
    assert raw(home, names) == [('一"号"医院',), ('5"医院',)]


def test_a_stray_quote_in_utf8_is_not_called_a_wrong_encoding(home: Settings) -> None:
    lines = records()
    lines[100], lines[105] = record(101, f'"{NAME}'), record(106, '"样例"医院一')
    outcome = load(home, lines)
    assert "第 101 条记录" in outcome.message.zh
    assert "编码" not in outcome.message.zh
    assert "settlement@2025-01-11.csv" in outcome.message.zh


def test_more_than_a_buffer_of_the_reader_is_accounted_for(home: Settings) -> None:
    lines = records(60_000)  # the quote swallows more than the two megabytes the reader allows a line
    lines[100], lines[50_000] = record(101, f'"{NAME}'), record(50_001, f'{NAME}"')
    outcome = load(home, lines)
    assert (outcome.status, "第 101 条记录" in outcome.message.zh) == ("refused", True)
