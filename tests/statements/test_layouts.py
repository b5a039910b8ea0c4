"""Layouts of real bureaus: one template, one load; and what a template must not let pass."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from made_statements import template, workbook, write_csv, write_template
from openpyxl import load_workbook

from warehouse.settings import SEEDS
from warehouse.statements.cells import Extract, ReadCell
from warehouse.statements.extract import extract, recognises
from warehouse.statements.sheet import read_book
from warehouse.statements.template import load_template, shipped_templates
from warehouse.texts import Refused

CASES = Path(__file__).parent / "cases"
SHIPPED = SEEDS / "statements" / "templates"

LAYOUTS = {
    # file: (template, cells read, numbers skipped by the template)
    "L01_county_budget_2024.xlsx": (CASES / "resident_fund_budget.yml", 40, 0),
    "L02_yearbook2010_22-48.xlsx": (SHIPPED / "yearbook_urban_enrolment.yml", 160, 0),
    "L04_qinghai2022_21-16.xlsx": (SHIPPED / "qinghai_employee_persons.yml", 35, 16),
    "L06_shaoxing_2023H1.csv": (SHIPPED / "shaoxing_half_year.yml", 12, 0),
    "L08_mof_budget_2014.csv": (SHIPPED / "national_social_insurance_budget.yml", 12, 23),
    "L10_shenzhen_2021M07.csv": (SHIPPED / "shenzhen_enrolment.yml", 7, 8),
    "R2_2025M03.xlsx": (CASES / "two_label_columns.yml", 6, 0),
}


def read(path: Path, by: Path) -> Extract:
    made = load_template(by)
    book = read_book(path, path.name)
    assert recognises(made, book, path.name, needs_name=False) is None
    return extract(made, book, path.name)


def meaning(cell: ReadCell) -> tuple[str, str, str, str, str]:
    assert cell.value is not None
    return (
        cell.scheme_code,
        cell.item,
        cell.figure_kind,
        f"{cell.period.basis} {cell.period.end}",
        f"{cell.value.normalize():f}",
    )


def read_grid(
    folder: Path, printed: list[list[str]], **parts: Any
) -> dict[str, tuple[str, str, str, str, str]]:
    by = write_template(folder, template("某县") | {"recognise": {"cells": {"A2": printed[1][0]}}} | parts)
    result = read(write_csv(folder / "made.csv", printed), by)
    assert result.unread == []
    return {cell.cell: meaning(cell) for cell in result.read if cell.value is not None}


@pytest.mark.parametrize("name", LAYOUTS)
def test_one_template_reads_the_whole_table(name: str) -> None:
    by, cells, skipped = LAYOUTS[name]
    result = read(CASES / name, by)
    assert (len(result.read), len(result.skipped), result.unread) == (cells, skipped, [])


@pytest.mark.parametrize("name", [name for name, (by, *_) in LAYOUTS.items() if by.parent == SHIPPED])
def test_a_shipped_layout_is_known_by_itself(name: str) -> None:
    book = read_book(CASES / name, name)
    known = {
        each.template for each in shipped_templates() if not recognises(each, book, name, needs_name=True)
    }
    assert known == {LAYOUTS[name][0].stem}


EXACT = {
    "L01_county_budget_2024.xlsx": {
        "B13": ("resident", "income.subtotal", "actual", "year 2023-12-31", "796530000"),
        "C4": ("resident", "income.contribution", "budget", "year 2024-12-31", "282190000"),
        "E18": ("resident", "closing_balance", "actual", "point 2023-12-31", "368450000"),
        "F19": ("resident", "expenditure_and_closing", "budget", "year 2024-12-31", "1153440000"),
    },
    "L02_yearbook2010_22-48.xlsx": {
        "B5": ("all", "enrolled_persons", "actual", "point 2009-12-31", "401470000"),
        "F42": ("urban_resident", "enrolled_persons", "actual", "point 2009-12-31", "3574000"),
    },
    "L04_qinghai2022_21-16.xlsx": {
        "C8": ("employee", "enrolled_persons.pool_and_account", "actual", "point 2017-12-31", "900574"),
        "G14": ("employee", "enrolled_persons.pool_only.active", "actual", "point 2021-12-31", "38319"),
        "G12": (
            "employee",
            "enrolled_persons.pool_and_account.retired",
            "actual",
            "point 2021-12-31",
            "379862",
        ),
    },
    "L06_shaoxing_2023H1.csv": {
        "B3": ("employee", "income", "actual", "ytd 2023-06-30", "6507000000"),
        "D6": ("medical_assistance", "closing_balance", "actual", "point 2023-06-30", "33910000"),
    },
    "L08_mof_budget_2014.csv": {
        "H6": ("resident", "closing_balance", "budget", "point 2014-12-31", "213300000000"),
    },
    "L10_shenzhen_2021M07.csv": {
        "B4": ("all", "enrolled_persons.tier_1", "actual", "point 2021-07-31", "6068400"),
        "B9": ("maternity", "enrolled_persons.maternity_medical", "actual", "point 2021-07-31", "614400"),
    },
    "R2_2025M03.xlsx": {
        "C4": ("employee", "expenditure", "actual", "ytd 2025-03-31", "30110800"),
        "C8": ("resident", "closing_balance", "actual", "point 2025-03-31", "152204100"),
    },
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_cell_of_each_layout_means_what_the_table_says(name: str) -> None:
    result = read(CASES / name, LAYOUTS[name][0])
    assert {cell.cell: meaning(cell) for cell in result.read if cell.cell in EXACT[name]} == EXACT[name]


def test_a_cell_may_be_in_two_totals() -> None:
    result = read(CASES / "L02_yearbook2010_22-48.xlsx", LAYOUTS["L02_yearbook2010_22-48.xlsx"][0])
    totals = {cell.cell: cell.total_of for cell in result.read if cell.cell in ("B5", "C5", "B7", "C7")}
    assert totals == {
        "B5": "regions|employee;urban_resident",
        "C5": "regions",
        "B7": "employee;urban_resident",
        "C7": None,
    }


def test_a_budget_and_an_actual_of_one_year_are_two_statements(tmp_path: Path) -> None:
    book = load_workbook(CASES / "L01_county_budget_2024.xlsx")
    sheet = book.active
    assert sheet is not None
    sheet["B3"], sheet["E3"] = "2024年执行数", "2024年执行数"
    book.save(tmp_path / "budget.xlsx")
    result = read(tmp_path / "budget.xlsx", CASES / "resident_fund_budget.yml")
    codes = {(cell.figure_kind, cell.statement_code) for cell in result.read}
    assert codes == {
        ("actual", "resident_fund_budget_2024-12-31"),
        ("budget", "resident_fund_budget_2024-12-31_budget"),
    }


EMPLOYEE = {"职工": {"scheme": "employee"}}
INCOME = {"B": {"item": "income"}}


def test_periods_go_down(tmp_path: Path) -> None:
    rows = [
        ["2024年职工医保", "", ""],
        ["月份", "收入", "累计结余"],
        ["1月", "10.5", "100"],
        ["1-2月", "21", "101"],
        ["上半年", "66", "103"],
        ["2024年", "130", "108"],
        ["注：累计数", "", ""],
    ]
    found = read_grid(
        tmp_path,
        rows,
        columns={"B": {"item": "income"}, "C": {"item": "closing_balance"}},
        rows={"注*": {"skip": "注"}, "*": {"scheme": "employee", "period": "label"}},
    )
    assert {cell: values[3:] for cell, values in found.items()} == {
        "B3": ("ytd 2024-01-31", "105000"),
        "C3": ("point 2024-01-31", "1000000"),
        "B4": ("ytd 2024-02-29", "210000"),
        "C4": ("point 2024-02-29", "1010000"),
        "B5": ("ytd 2024-06-30", "660000"),
        "C5": ("point 2024-06-30", "1030000"),
        "B6": ("year 2024-12-31", "1300000"),
        "C6": ("point 2024-12-31", "1080000"),
    }


def test_month_cumulated_and_the_year_before_stand_side_by_side(tmp_path: Path) -> None:
    rows = [
        ["某县2024年1-6月收支表", "", "", ""],
        ["项目", "本月收入", "本年累计收入", "上年同期"],
        ["职工", "1", "6", "5"],
    ]
    columns = {
        "B": {"item": "income", "basis": "month"},
        "C": {"item": "income"},
        "D": {"item": "income", "period": "last_year"},
    }
    found = read_grid(tmp_path, rows, columns=columns, rows=EMPLOYEE)
    assert {cell: values[3] for cell, values in found.items()} == {
        "B3": "month 2024-06-30",
        "C3": "ytd 2024-06-30",
        "D3": "ytd 2023-06-30",
    }


def test_a_period_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    rows = [["2024年职工医保", ""], ["月份", "收入"], ["上旬", "10.5"]]
    with pytest.raises(Refused, match="读不出时期"):
        read_grid(tmp_path, rows, columns=INCOME, rows={"*": {"scheme": "employee", "period": "label"}})


def test_two_header_rows_with_merged_groups_and_of_which_rows(tmp_path: Path) -> None:
    rows = [
        ["某县2024年1-6月收支表（单位：万元）", "", "", "", "", ""],
        ["项目", "基金收入", "", "基金支出", "", "累计结余"],
        ["", "小计", "其中：财政补助", "小计", "其中：上解", ""],
        ["居民", "30", "20", "25", "5", "(12.5)"],
        ["其中：学生", "3", "2", "2", "—", ""],
        ["续表", "", "", "", "", ""],
        ["", "小计", "其中：财政补助", "小计", "其中：上解", ""],
        ["职工", "40", "1", "20", "", "70"],
        ["注：1.本表为快报。2.含2023年结转。", "", "", "", "", ""],
    ]
    found = read_grid(
        tmp_path,
        rows,
        first_row=4,
        columns={
            "B": {"item": "income"},
            "C": {"item": "income.fiscal_subsidy", "of_which": True},
            "D": {"item": "expenditure"},
            "E": {"item": "expenditure.remit_to_upper", "of_which": True},
            "F": {"item": "closing_balance"},
        },
        rows={
            "居民": {"scheme": "resident"},
            "其中:学生": {"scheme": "resident", "skip": "其中项"},
            "职工": {"scheme": "employee"},
        },
    )
    assert found["F4"][4] == "-125000"
    assert set(found) == {"B4", "C4", "D4", "E4", "F4", "B8", "C8", "D8", "F8"}


def test_english_beside_chinese_and_empty_columns(tmp_path: Path) -> None:
    rows = [
        ["某县2024年1-6月收支表 Statement", "", "", ""],
        ["项目 Item", "", "收入 Income", "支出 Expenditure"],
        ["职工基本医疗保险 Employees", "", "1.5", "2"],
    ]
    found = read_grid(
        tmp_path,
        rows,
        columns={"C": {"item": "income"}, "D": {"item": "expenditure"}},
        rows={"职工基本医疗保险*": {"scheme": "employee"}},
    )
    assert set(found) == {"C3", "D3"}


def test_a_unit_of_one_column_alone_and_units_in_cells(tmp_path: Path) -> None:
    rows = [
        ["某县2024年1-6月收支表 单位：万元", "", ""],
        ["项目", "收入", "支出（亿元）"],
        ["职工", "1.5", "2"],
        ["居民", "0.3亿元", "4000万元"],
    ]
    found = read_grid(
        tmp_path,
        rows,
        columns={"B": {"item": "income"}, "C": {"item": "expenditure", "unit": "亿元"}},
        rows={"职工": {"scheme": "employee"}, "居民": {"scheme": "resident"}},
    )
    assert {cell: values[4] for cell, values in found.items()} == {
        "B3": "15000",
        "C3": "200000000",
        "B4": "30000000",
        "C4": "40000000",
    }


def test_a_unit_in_a_cell_must_suit_the_item(tmp_path: Path) -> None:
    rows = [["某县2024年1-6月收支表", ""], ["项目", "收入"], ["职工", "30人"]]
    with pytest.raises(Refused, match="单位“人”不是income应有的单位"):
        read_grid(tmp_path, rows, columns=INCOME, rows=EMPLOYEE)


def test_a_section_row_that_carries_numbers_needs_a_meaning(tmp_path: Path) -> None:
    rows = [["某县2024年1-6月收支表", ""], ["项目", "数额"], ["基金收入", "10"], ["职工", "6"]]
    parts: dict[str, Any] = {"columns": {"B": {}}, "rows": EMPLOYEE}
    with pytest.raises(Refused, match="scheme"):
        read_grid(tmp_path, rows, sections={"基金收入": {"item": "income"}}, **parts)
    found = read_grid(tmp_path, rows, sections={"基金收入": {"item": "income", "scheme": "all"}}, **parts)
    assert {cell: values[:2] for cell, values in found.items()} == {
        "B3": ("all", "income"),
        "B4": ("employee", "income"),
    }


def test_label_columns_are_filled_down_in_a_workbook_as_in_csv(tmp_path: Path) -> None:
    rows = [
        ["某县2024年1-6月收支表", "", "", ""],
        ["险种", "口径", "项目", "金额"],
        ["职工", "统筹", "收入", "3"],
        ["", "", "支出", "2"],
        ["", "个人账户", "收入", "1"],
        ["居民", "统筹", "收入", "9"],
        ["", "", "支出", "8"],
    ]
    parts: dict[str, Any] = {
        "recognise": {"cells": {"A2": "险种"}},
        "label": ["A", "B", "C"],
        "columns": {"D": {}},
        "sections": {"职工": {"scheme": "employee"}, "居民": {"scheme": "resident"}},
        "rows": {
            "职工/个人账户/收入": {"item": "income", "fund_scope": "account"},
            "收入": {"item": "income", "fund_scope": "pool"},
            "支出": {"item": "expenditure", "fund_scope": "pool"},
        },
    }
    by = write_template(tmp_path, template("某县") | parts)
    workbook(rows).save(tmp_path / "made.xlsx")
    for path in (write_csv(tmp_path / "made.csv", rows), tmp_path / "made.xlsx"):
        found = [(cell.scheme_code, cell.fund_scope, cell.item, cell.value) for cell in read(path, by).read]
        assert found == [
            ("employee", "pool", "income", Decimal(30000)),
            ("employee", "pool", "expenditure", Decimal(20000)),
            ("employee", "account", "income", Decimal(10000)),
            ("resident", "pool", "income", Decimal(90000)),
            ("resident", "pool", "expenditure", Decimal(80000)),
        ]


def test_the_decimals_of_a_table_are_those_of_most_of_its_numbers(tmp_path: Path) -> None:
    rows = [
        ["某县2024年1-6月收支表", "", ""],
        ["项目", "收入", "支出"],
        ["职工", "1.5", "2.25"],
        ["居民", "3.75", "0.33914"],
    ]
    by = write_template(
        tmp_path,
        template("某县")
        | {
            "recognise": {"cells": {"A2": "项目"}},
            "columns": {"B": {"item": "income"}, "C": {"item": "expenditure"}},
            "rows": {"职工": {"scheme": "employee"}, "居民": {"scheme": "resident"}},
        },
    )
    result = read(write_csv(tmp_path / "made.csv", rows), by)
    assert {cell.cell: cell.half_ulp for cell in result.read} == {
        "B3": Decimal("50"),
        "C3": Decimal("50"),
        "B4": Decimal("50"),
        "C4": Decimal("0.05"),
    }


@pytest.mark.parametrize(("ranges", "said"), [("B3:B4", "B3"), ("B3:C3", "B3"), ("B3:B3", None)])
def test_a_number_merged_over_several_labels_or_columns_is_nobodys(
    ranges: str, said: str | None, tmp_path: Path
) -> None:
    rows = [["某县2024年1-6月收支表", "", ""], ["项目", "收入", "支出"], ["职工", "1", ""], ["居民", "", ""]]
    book = workbook(rows)
    sheet = book.active
    assert sheet is not None
    sheet.merge_cells(ranges)
    book.save(tmp_path / "made.xlsx")
    by = write_template(
        tmp_path,
        template("某县")
        | {
            "recognise": {"cells": {"A2": "项目"}},
            "columns": {"B": {"item": "income"}, "C": {"item": "expenditure"}},
            "rows": {"职工": {"scheme": "employee"}, "居民": {"scheme": "resident"}},
        },
    )
    if said is None:
        assert [cell.cell for cell in read(tmp_path / "made.xlsx", by).read] == ["B3"]
    else:
        with pytest.raises(Refused, match=said):
            read(tmp_path / "made.xlsx", by)


@pytest.mark.parametrize(
    ("title", "basis"),
    [
        ("2024年1-6月", "month"),
        ("2024年上半年", "quarter"),
        ("2024年前三季度", "quarter"),
        ("2024年6月累计", "month"),
    ],
)
def test_a_cumulated_title_is_no_month_and_no_quarter(title: str, basis: str, tmp_path: Path) -> None:
    rows = [[f"某县{title}收支表", ""], ["项目", "收入"], ["职工", "1"]]
    with pytest.raises(Refused, match="不符"):
        read_grid(tmp_path, rows, columns=INCOME, rows=EMPLOYEE, period={"basis": basis, "from": "A1"})


def test_a_note_on_the_unit_below_the_table_counts(tmp_path: Path) -> None:
    rows = [["某县2024年1-6月收支表", ""], ["项目", "收入"], ["职工", "1"], ["注：金额单位为人民币元。", ""]]
    with pytest.raises(Refused, match="单位是元"):
        read_grid(tmp_path, rows, columns=INCOME, rows=EMPLOYEE)
