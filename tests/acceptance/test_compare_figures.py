"""The comparison of two files finds every kind of difference, and none where there is none."""

from __future__ import annotations

from pathlib import Path

import duckdb
from compare_figures import Difference, differences

ROWS = "(1, 'a', 1.5), (2, 'b', null), (3, 'c', 3)"


def made(path: Path, rows: str = ROWS, more: str = "") -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"""
            create schema indicator;
            create schema staging;
            create table indicator.value (id integer primary key, name varchar, value decimal(20, 10));
            insert into indicator.value values {rows};
            create table staging.own as select random() as number;
            {more}
            """
        )
    return path


def test_files_of_the_same_rows_are_equal_whatever_stands_outside_the_public_tables(tmp_path: Path) -> None:
    turned = "(3, 'c', 3), (2, 'b', null), (1, 'a', 1.5)"
    assert differences(made(tmp_path / "before"), made(tmp_path / "after", turned)) == []


def test_missing_added_and_changed_rows_are_counted(tmp_path: Path) -> None:
    after = made(tmp_path / "after", "(1, 'a', 1.5), (2, 'b', 0), (4, 'd', 4), (5, 'e', 5)")
    assert differences(made(tmp_path / "before"), after) == [Difference("indicator.value", 1, 2, 1)]


def test_a_row_that_stands_twice_where_it_stood_once_is_added(tmp_path: Path) -> None:
    table = "create table indicator.plain as select * from (values {}) as given (number);"
    before = made(tmp_path / "before", more=table.format("(1), (2)"))
    after = made(tmp_path / "after", more=table.format("(1), (2), (2)"))
    assert differences(before, after) == [Difference("indicator.plain", 0, 1, 0)]


def test_a_table_or_a_column_of_one_file_only_is_said(tmp_path: Path) -> None:
    more = "create table indicator.new as select 1 as number; alter table indicator.value add column extra integer;"
    found = differences(made(tmp_path / "before"), made(tmp_path / "after", more=more))
    assert found == [
        Difference("indicator.new", 0, 1, 0, ("number",)),
        Difference("indicator.value", 0, 0, 0, ("extra",)),
    ]


def test_moments_of_a_run_do_not_count(tmp_path: Path) -> None:
    table = "create table indicator.moment as select {} as ingested_at, 1 as number;"
    files = [made(tmp_path / str(number), more=table.format(number)) for number in (1, 2)]
    assert differences(*files) == []
    assert differences(*files, ignored=()) == [Difference("indicator.moment", 1, 1, 0)]
