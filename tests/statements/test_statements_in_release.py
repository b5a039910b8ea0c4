"""Statements go through to a release: every cell, every broken identity and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from made_statements import table, template, workbook, write_csv, write_template
from openpyxl.worksheet.worksheet import Worksheet

from warehouse import transform
from warehouse.home import init_home, writer
from warehouse.ingest.deliver import files_in, ingest
from warehouse.release.write import release
from warehouse.settings import SEEDS, load_settings
from warehouse.statements.cells import cells_of
from warehouse.statements.extract import extract
from warehouse.statements.sheet import read_book
from warehouse.statements.template import load_template

FILES = SEEDS / "statements" / "files"
Rows = list[tuple[Any, ...]]

MISPRINTS = {
    # county: (rule, the misprinted cell, as printed, the cells that the statement prints, difference)
    "滚存县": ("rollforward", "I6", "15220.51", "EFGI6", Decimal(-1000)),
    "分项县": ("items_sum", "F6", "11306.92", "FJK6", Decimal(-200)),
    "险种县": ("schemes_sum", "B7", "299623", "B3 B6 B7", Decimal(-1)),
    "收支县": ("income_minus_expense", "H6", "4764.05", "FGH6", Decimal(1000)),
    "账户县": ("pool_plus_account", "I3", "9884.52", "I3 I4 I5", Decimal(-100000)),
    "退休县": ("active_plus_retired", "B3", "38216", "BCD3", Decimal(-1)),
}
CORRECTED = "更正县"
MONTHLY = "月报县"
CHAINED = "承接县"
JUMPED = "突变县"
MISPRINTED_YEAR = "年报县"
MONTHS_PRINTED = "月数县"
CASES = Path(__file__).parent / "cases"
LAYOUTS = {
    "L01_county_budget_2024.xlsx": CASES / "resident_fund_budget.yml",
    "L02_yearbook2010_22-48.xlsx": None,
    "L04_qinghai2022_21-16.xlsx": None,
    "L06_shaoxing_2023H1.csv": SEEDS / "statements" / "templates" / "shaoxing_half_year.yml",
    "L08_mof_budget_2014.csv": None,
    "L10_shenzhen_2021M07.csv": None,
    "R2_2025M03.xlsx": CASES / "two_label_columns.yml",
}
MADE_CELLS = 36


def printed_only(places: str, misprint: str, text: str) -> list[list[str]]:
    """The statement with nothing but the cells of ``places`` (``EFG6`` or ``B3 B6``) and the misprint."""
    return only(places, table(**{misprint: text}))


def only(places: str, rows: list[list[str]]) -> list[list[str]]:
    """The rows with nothing but the cells of ``places``."""
    kept = {letter + group[-1] for group in places.split() for letter in group[:-1]}
    for row in range(3, len(rows) + 1):
        for column in range(2, len(rows[0]) + 1):
            if f"{chr(64 + column)}{row}" not in kept:
                rows[row - 1][column - 1] = ""
    return rows


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release of a home with the shipped statements and the made ones."""
    folder = tmp_path_factory.mktemp("statements")
    settings = load_settings(folder / "home")
    made: list[tuple[str, list[list[str]], str]] = [
        (county, printed_only(places, cell, text), "")
        for county, (_, cell, text, places, _) in MISPRINTS.items()
    ]
    made += [
        (CORRECTED, table(I7="25094.39"), "@2025-01-10"),
        (CORRECTED, table(), "@2025-02-10"),
        (MONTHLY, table("2024年1-5月", F6="10306.9", G6="5542.75"), ""),
        (MONTHLY, table("2024年1-6月"), ""),
        (CHAINED, only("FGI6", table("2024年1-5月", F6="10306.9", G6="5542.75", I6="15000.00")), ""),
        (CHAINED, only("FGI6", table("2024年1-6月")), ""),
        (JUMPED, only("I6", table("2024年1-5月")), ""),
        (JUMPED, only("I6", table("2024年1-6月", I6="152204100")), ""),
        (MISPRINTED_YEAR, only("EFGI6", table("2024年", I6="15220.51")), ""),
    ]
    with writer(settings):
        init_home(settings)
        outcomes = list(ingest(files_in([FILES]), settings))
        for position, (county, rows, delivered) in enumerate(made):
            path = write_csv(folder / f"made{position}{delivered}.csv", rows)
            outcomes += ingest([path], settings, template=write_template(folder, template(county)))
        columns = {"B": {"item": "payable_months"}, "C": {"item": "payable_months", "fund_scope": "pool"}}
        months = template(MONTHS_PRINTED, unit="月", columns=columns, recognise={"cells": {"A2": "项目"}})
        printed = [
            ["2024年1-6月", "", ""],
            ["项目", "可支付月数", "统筹可支付月数"],
            ["职工医保", "27.5", "20.1"],
            ["居民医保", "11", ""],
        ]
        path = write_csv(folder / "made_months.csv", printed)
        outcomes += ingest([path], settings, template=write_template(folder, months))
        for name, by in LAYOUTS.items():
            outcomes += ingest([CASES / name], settings, template=by)
        assert {outcome.status for outcome in outcomes} == {"accepted"}, outcomes
        transform.set_parameters(settings, None, None)
        transform.build(settings)
        database = release(settings).database
    connection = duckdb.connect(str(database), read_only=True)
    yield connection
    connection.close()


def rows(released: duckdb.DuckDBPyConnection, query: str, *parameters: object) -> Rows:
    return released.execute(query, parameters).fetchall()


def test_every_cell_of_the_shipped_files_is_there(released: duckdb.DuckDBPyConnection) -> None:
    counts = dict(rows(released, "select file_name, count(*) from fund.statement group by file_name"))
    shipped = {
        name: count for name, count in counts.items() if name in {each.name for each in FILES.iterdir()}
    }
    assert shipped == {
        "guizhou_2025M02.csv": 15,
        "liuzhou_2023Q1.csv": 18,
        "liuzhou_2023Q4.csv": 18,
        "local_fund_statements.csv": 164,
        "longnan_2022M01-09.csv": 19,
        "regional_key_indicator_feeds.csv": 84,
        "tuoli_2023Q2.csv": 11,
        "unidentified_city_2024M01-02_traditional.csv": 11,
        "unidentified_county_city_2025_cumulative.csv": 14,
    }


def test_a_cell_says_what_is_printed_and_where(released: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        released,
        """
        select label, region_code, scheme_code, fund_scope, item, period_basis, period_end, value, unit,
            printed_value, printed_unit, template, sheet, is_total, is_of_which, quality_flag
        from fund.statement where file_name = 'liuzhou_2023Q4.csv' and cell = 'C19'
        """,
    )
    place = (
        "其中:生育保险待遇支出",
        "450200",
        "maternity",
        "pool",
        "expenditure",
        "year",
        date(2023, 12, 31),
    )
    value = (Decimal(190000000), "yuan", "1.9", "亿元", "liuzhou_main_indicators", "csv")
    assert found == [(*place, *value, False, True, "ok")]


def test_the_only_errors_of_the_shipped_files_are_those_of_tuoli(
    released: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        released,
        """
        select region_code, file_name, cell, rule, indicator_code, expected_value, found_value, difference
        from quality.finding
        where severity = 'error' and file_name[1] not in ('m', 'L') order by file_name
        """,
    )
    values = ("schemes_sum", "enrolled_persons", Decimal(82900), Decimal(83800), Decimal(-900))
    assert found == [
        ("x-托里县", "regional_key_indicator_feeds.csv", "csv!K64", *values),
        ("x-托里县", "tuoli_2023Q2.csv", "csv!C3", *values),
    ]
    assert Decimal(-900) / 10000 == Decimal("-0.09")


@pytest.mark.parametrize("county", MISPRINTS)
def test_a_misprint_is_one_finding_with_the_exact_difference_and_is_loaded(
    released: duckdb.DuckDBPyConnection, county: str
) -> None:
    rule, cell, printed, _, difference = MISPRINTS[county]
    found = rows(
        released,
        """
        select check_code, rule, cell, difference from quality.finding
        where region_code = ? and severity = 'error'
        """,
        f"x-{county}",
    )
    assert found == [("statement", rule, f"csv!{cell}", difference)]
    flagged = rows(
        released,
        """
        select cell, printed_value, quality_flag, broken_rule from fund.statement
        where region_code = ? and quality_flag <> 'ok'
        """,
        f"x-{county}",
    )
    assert flagged == [(cell, printed, "identity_broken", rule)]


def test_the_figure_of_a_misprint_carries_the_mark(released: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        released,
        """
        select quality_flag from indicator.value
        where region_code = 'x-险种县' and metric_key = 'enrolled_persons' and scheme_code = 'all'
        """,
    )
    assert len(found) == 1
    assert found[0][0] != "ok"


def test_a_corrected_statement_replaces_it_and_the_finding_goes(
    released: duckdb.DuckDBPyConnection,
) -> None:
    code = f"x-{CORRECTED}"
    cells = rows(
        released,
        "select distinct known_on, quality_flag, count(*) from fund.statement where region_code = ? group by all",
        code,
    )
    assert cells == [(date(2025, 2, 10), "ok", MADE_CELLS)]
    assert rows(released, "select * from quality.finding where region_code = ?", code) == []
    balance = rows(
        released,
        "select printed_value from fund.statement where region_code = ? and cell = 'I7'",
        code,
    )
    assert balance == [("25094.93",)]


def test_two_consecutive_cumulative_statements_give_the_flow_of_the_month(
    released: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        released,
        """
        select metric_key, period_start, period_end, value from indicator.value
        where region_code = ? and period_basis = 'month' and scheme_code = 'resident' and variant = 'differenced'
        order by metric_key
        """,
        f"x-{MONTHLY}",
    )
    june = (date(2024, 6, 1), date(2024, 6, 30))
    assert found == [("fund_expense", *june, Decimal(10000000)), ("fund_income", *june, Decimal(10000000))]


def test_a_region_without_a_code_is_declared_by_its_template(released: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        released,
        "select region_code, region_name, parent_code from reference.region where region_name in (?, ?)",
        MONTHLY,
        "托里县",
    )
    assert sorted(found) == [("x-托里县", "托里县", "650000"), (f"x-{MONTHLY}", MONTHLY, "all")]


def test_one_statement_in_three_formats_gives_the_same_cells(tmp_path: Path) -> None:
    made = load_template(write_template(tmp_path, template("某县")))
    workbook(table()).save(tmp_path / "made.xlsx")
    paths = [
        write_csv(tmp_path / "made_gb.csv", table(), "gb18030"),
        write_csv(tmp_path / "made_bom.csv", table(), "utf-8-sig"),
        tmp_path / "made.xlsx",
    ]
    found = []
    for path in paths:
        cells = extract(made, read_book(path, path.name), path.name)
        found.append([row | {"sheet": ""} for row in cells_of(cells)])
    assert len(found[0]) == MADE_CELLS
    assert found[0] == found[1] == found[2]


def test_a_workbook_is_read_as_it_shows_its_numbers(tmp_path: Path) -> None:
    book = workbook(table())
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for place, value, shown in [
        ("F3", 4120.3649999, "0.00"),
        ("G3", 3011.0, "#,##0.00_ "),
        ("H3", 0.1 + 0.2, "General"),
        ("I3", -12.345, '0.00;[Red]"-"0.00'),
    ]:
        sheet[place] = value
        sheet[place].number_format = shown
    book.save(tmp_path / "made.xlsx")
    grid = read_book(tmp_path / "made.xlsx", "made.xlsx").grids[0]
    assert [grid.at(3, column) for column in range(6, 10)] == ["4120.36", "3011.00", "0.3", "-12.35"]


def test_layouts_of_real_bureaus_are_loaded_and_their_arithmetic_holds(
    released: duckdb.DuckDBPyConnection,
) -> None:
    counts = dict(
        rows(
            released,
            "select file_name, count(*) from fund.statement where file_name[1] in ('L', 'R') group by all",
        )
    )
    assert counts == {
        "L01_county_budget_2024.xlsx": 40,
        "L02_yearbook2010_22-48.xlsx": 160,
        "L04_qinghai2022_21-16.xlsx": 35,
        "L06_shaoxing_2023H1.csv": 12,
        "L08_mof_budget_2014.csv": 12,
        "L10_shenzhen_2021M07.csv": 7,
        "R2_2025M03.xlsx": 6,
    }
    broken = rows(
        released,
        "select file_name, cell, rule, difference from quality.finding where file_name[1] in ('L', 'R') order by all",
    )
    # 219.7 retirees of one province should be 221.7: seen by its own total and by that of the nation
    assert broken == [
        ("L02_yearbook2010_22-48.xlsx", "Sheet1!C9", "active_plus_retired", Decimal(-20000)),
        ("L02_yearbook2010_22-48.xlsx", "Sheet1!E5", "regions_sum", Decimal(-18000)),
    ]
    met = rows(
        released,
        """
        select count(*) from quality.reconciliation
        where series_code[:31] = 'statement:qinghai_employee_pers' and is_met
        """,
    )
    assert met == [(15,)]  # three sums in each of five years


def test_a_budget_is_kept_and_is_no_indicator_value(released: duckdb.DuckDBPyConnection) -> None:
    kinds = rows(
        released,
        "select figure_kind, count(*) from fund.statement where template = 'resident_fund_budget' group by all",
    )
    assert sorted(kinds) == [("actual", 21), ("budget", 19)]
    ends = rows(
        released,
        "select distinct period_end from indicator.value where region_code = 'x-某县' and data_origin = 'published'",
    )
    assert ends == [(date(2023, 12, 31),)]
    national = rows(
        released,
        """
        select count(*) from indicator.value
        where region_code = '000000' and period_end = '2014-12-31' and value in (2133e8, 8618e8)
        """,
    )
    assert national == [(0,)]


def test_the_closing_of_the_statement_before_and_the_flows_since_give_the_closing(
    released: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        released,
        """
        select check_code, rule, severity, difference, message_zh from quality.finding where region_code = ?
        """,
        f"x-{CHAINED}",
    )
    assert [row[:4] for row in found] == [
        ("statement_chain", "balance_carried_on", "warn", Decimal(-2204100))
    ]
    assert "应为 15000，" in found[0][4]
    assert "印为 15220.41，" in found[0][4]
    assert found[0][4].endswith("万元")


def test_a_jump_by_a_power_of_ten_is_a_finding(released: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        released,
        "select check_code, rule, found_value, message_zh from quality.finding where region_code = ?",
        f"x-{JUMPED}",
    )
    assert [row[:3] for row in found] == [("statement_jump", "power_of_ten", Decimal(1522041000000))]
    assert "10 的 4 次方" in found[0][3]


def test_a_misprint_in_a_finding_is_worded_in_the_unit_of_the_table(
    released: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(released, "select message_zh from quality.finding where region_code = 'x-滚存县'")
    assert len(found) == 1
    assert "应为 15220.41， 印为 15220.51， 相差 -0.1 万元" in found[0][0]


def test_months_made_of_a_misprinted_balance_carry_its_mark(released: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        released,
        """
        select value, quality_flag from indicator.value
        where region_code = ? and metric_key = 'payable_months_resident' and variant = 'formula'
        """,
        f"x-{MISPRINTED_YEAR}",
    )
    months = (Decimal("15220.51") * 12 / Decimal("6542.75")).quantize(Decimal("1e-10"))
    assert found == [(months, "identity_broken")]


def test_part_years_have_payable_months_by_the_year_to_date(released: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        released,
        """
        select period_end, value, numerator, denominator, quality_flag from indicator.value
        where region_code = ? and metric_key = 'payable_months_resident' and variant = 'year_to_date'
        order by all
        """,
        f"x-{MONTHLY}",
    )
    assert [(row[0], row[2], row[4]) for row in found] == [
        (date(2024, 5, 31), Decimal("152204100"), "ok"),
        (date(2024, 6, 30), Decimal("152204100"), "ok"),
    ]
    assert [(round(row[1], 4), round(row[3], 2)) for row in found] == [
        (Decimal("13.7300"), Decimal("11085500.00")),
        (Decimal("13.9578"), Decimal("10904583.33")),
    ]


def test_printed_months_and_the_assistance_fund_reach_the_indicators(
    released: duckdb.DuckDBPyConnection,
) -> None:
    months = rows(
        released,
        """
        select metric_key, variant, fund_scope, value from indicator.value
        where region_code = ? and metric_key[:14] = 'payable_months' order by all
        """,
        f"x-{MONTHS_PRINTED}",
    )
    assert months == [
        ("payable_months_pool", "published", "pool", Decimal("20.1")),
        ("payable_months_resident", "published", "pool", Decimal(11)),
        ("payable_months_total", "published", "unstated", Decimal("27.5")),
    ]
    balance = rows(
        released,
        """
        select distinct value from indicator.value
        where region_code = '360783' and scheme_code = 'medical_assistance'
            and metric_key = 'fund_cumulative_balance' and period_end = '2022-09-30'
        """,
    )
    assert balance == [(Decimal(1392200),)]
