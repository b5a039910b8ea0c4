"""Each shipped template reads its file to the last cell, and a wrong template gets one clear sentence."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from made_statements import table, template, workbook, write_csv, write_template

from warehouse.settings import PROJECT_ROOT, SEEDS
from warehouse.statements.cells import Extract
from warehouse.statements.extract import extract, recognises
from warehouse.statements.sheet import read_book
from warehouse.statements.suggest import suggest
from warehouse.statements.template import (
    Dims,
    ListColumn,
    Override,
    Period,
    Recognise,
    Region,
    Source,
    Template,
    load_template,
    shipped_templates,
)
from warehouse.texts import Refused

FILES = SEEDS / "statements" / "files"
CELLS_READ = {
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
LISTS = ("local_fund_statements.csv", "regional_key_indicator_feeds.csv")
EXACT = {
    ("guizhou_2025M02.csv", "C11"): ("maternity", "benefit_visits", "ytd", "2025-02-28", "147000"),
    ("guizhou_2025M02.csv", "C19"): ("maternity", "expenditure", "ytd", "2025-02-28", "340000000"),
    ("liuzhou_2023Q1.csv", "C22"): ("all", "current_balance", "ytd", "2023-03-31", "-416000000"),
    ("liuzhou_2023Q4.csv", "C3"): ("all", "enrolled_persons", "point", "2023-12-31", "3692000"),
    ("liuzhou_2023Q4.csv", "C13"): ("all", "income", "year", "2023-12-31", "8247000000"),
    ("longnan_2022M01-09.csv", "F5"): ("all", "closing_balance", "point", "2022-09-30", "330296300"),
    ("tuoli_2023Q2.csv", "C3"): ("all", "enrolled_persons", "range", "2023-06-30", "83800"),
    ("unidentified_city_2024M01-02_traditional.csv", "C3"): (
        "all",
        "enrolled_persons",
        "point",
        "2024-02-29",
        "2456800",
    ),
    ("unidentified_county_city_2025_cumulative.csv", "B8"): (
        "employee",
        "closing_balance",
        "range",
        "2025-12-31",
        "4060200000",
    ),
}


def read_by_shipped_template(name: str) -> Extract:
    book = read_book(FILES / name, name)
    (fitting,) = [
        each for each in shipped_templates() if recognises(each, book, name, needs_name=True) is None
    ]
    return extract(fitting, book, name)


def test_every_shipped_file_is_listed_here() -> None:
    assert {path.name for path in FILES.glob("*.csv")} == set(CELLS_READ)


@pytest.mark.parametrize("name", CELLS_READ)
def test_one_shipped_template_fits_and_reads_every_cell(name: str) -> None:
    result = read_by_shipped_template(name)
    assert len(result.read) == CELLS_READ[name]
    expected = {cell: values for (file, cell), values in EXACT.items() if file == name}
    found = {
        cell.cell: (cell.scheme_code, cell.item, cell.period.basis, str(cell.period.end), cell.value)
        for cell in result.read
        if cell.cell in expected
    }
    assert found == {cell: (*values[:4], Decimal(values[4])) for cell, values in expected.items()}


@pytest.mark.parametrize("name", [name for name in CELLS_READ if name not in LISTS])
def test_no_number_of_a_shipped_grid_is_left_unread(name: str) -> None:
    left = [cell for cell in read_by_shipped_template(name).left if re.search(r"\d", cell.text)]
    assert left == []


@pytest.mark.parametrize("name", [name for name in CELLS_READ if name not in LISTS])
def test_the_draft_for_a_shipped_grid_reads_it_after_the_words_of_a_person(name: str, tmp_path: Path) -> None:
    book = read_book(FILES / name, name)
    path = tmp_path / "draft.yml"
    path.write_text(_as_a_person_would(name, suggest(book, name)), encoding="utf-8")
    draft = load_template(path)
    assert recognises(draft, book, name, needs_name=False) is None
    drafted, shipped = extract(draft, book, name).read, read_by_shipped_template(name).read
    assert {(cell.cell, cell.scheme_code, cell.item, cell.value) for cell in drafted} == {
        (cell.cell, cell.scheme_code, cell.item, cell.value) for cell in shipped
    }


def _as_a_person_would(name: str, draft: str) -> str:
    content = yaml.safe_load(draft)
    if name == "unidentified_county_city_2025_cumulative.csv":
        content["columns"]["C"]["scheme"] = "maternity"
        content["rows"]["待遇支付人数(次)"] = {"item": "benefit_visits", "unit": "人次"}
    for label, dims in content["rows"].items():
        if label == "其中:生育保险待遇支出":
            dims["item"] = "expenditure"
    content["region"] = {"name": "某地"}
    return yaml.safe_dump(content, allow_unicode=True)


def test_a_draft_of_a_workbook_with_a_title_and_two_header_rows_is_a_template(tmp_path: Path) -> None:
    rows = [
        ["青禾县:2025年1-3月", "", ""],
        ["单位:万元", "", ""],
        ["项目", "收入", "收\n支"],
        ["", "合 计", "支出"],
    ]
    workbook([*rows, ["职工", "1.5", "2.5"], ["2023", "3", "2023.45"]]).save(tmp_path / "drafted.xlsx")
    path = tmp_path / "draft.yml"
    path.write_text(suggest(read_book(tmp_path / "drafted.xlsx", "drafted.xlsx"), "drafted.xlsx"), "utf-8")
    assert load_template(path).template == "drafted"


def test_a_draft_marks_everything_that_it_only_guesses(tmp_path: Path) -> None:
    rows = [
        ["某县2024年1-6月情况（单位：万元）", "", "", "", "", "", ""],
        ["险种", "参保人数", "基金收入", "集体扶持收入", "同比增长", "2023年", "杂项"],
        ["职工", "3", "1", "1", "1", "1", "1"],
        ["合计", "3", "1", "1", "1", "1", "1"],
        ["公务员补助", "3", "1", "1", "1", "1", "1"],
        ["注：职工医保收入含财政补助", "", "", "", "", "", ""],
    ]
    path = write_csv(tmp_path / "made.csv", rows)
    lines = suggest(read_book(path, path.name), path.name).splitlines()
    assert [line.strip() for line in lines if not re.search(r"# \?", line)] == [
        "template: made",
        'describes: "某县2024年1-6月情况（单位：万元）"',
        "recognise:",
        "cells: {A2: 险种, B2: 参保人数, C2: 基金收入, D2: 集体扶持收入}",
        "columns:",
        "C: {item: income}  # 基金收入",
        "rows:",
        "职工: {scheme: employee}",
    ]
    (tmp_path / "draft.yml").write_text("\n".join(lines), encoding="utf-8")
    assert load_template(tmp_path / "draft.yml").first_row == 3


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown_key": ({"regoin": {"name": "某县"}}, "regoin"),
    "unknown_item": ({"rows": {"收入": {"item": "incomes"}}}, "incomes"),
    "unknown_scheme": ({"rows": {"职工": {"scheme": "worker"}}}, "worker"),
    "unknown_scheme_in_total": ({"rows": {"合计": {"total_of": ["employee", "residents"]}}}, "residents"),
    "unknown_scope": ({"rows": {"职工": {"fund_scope": "pooled"}}}, "pooled"),
    "unknown_default_scope": ({"default_scope": {"employee": "pooled"}}, "pooled"),
    "unknown_unit": ({"unit": "千克"}, "千克"),
    "unknown_basis": ({"period": {"basis": "weekly"}}, "weekly"),
    "no_place_of_period": ({"period": {"from": "title"}}, "title"),
    "pattern_without_year": ({"period": {"from": "A1", "pattern": r"(\d+)"}}, "year"),
    "broken_pattern": ({"recognise": {"cells": {"A1": "项目"}, "file_name": "("}}, "regular expression"),
    "no_cell": ({"recognise": {"cells": {"Title": "项目"}}}, "Title"),
    "nothing_recognised": ({"recognise": {"cells": {}}}, "cells"),
    "no_column_letter": ({"columns": {"收入": {"item": "income"}}}, "收入"),
    "no_label_letter": ({"label": "项目"}, "label"),
    "no_region": ({"region": None}, "region"),
    "no_period": ({"period": None}, "period"),
    "no_columns": ({"columns": {}}, "columns"),
    "list_without_parts": ({"layout": "list"}, "region_name"),
    "sheet_before_the_first": ({"sheet": 0}, "sheet"),
    "unknown_basis_of_a_column": ({"columns": {"F": {"item": "income", "basis": "weekly"}}}, "weekly"),
    "neither_budget_nor_actual": ({"figures": "plan"}, "plan"),
    "scaled_otherwise": ({"scaled": "both"}, "both"),
    "label_of_a_row": ({"rows": {"职工": {"label": "D"}}}, "label"),
    "a_number_for_a_text": ({"unit": 10}, "10"),
    "a_text_for_a_number": ({"first_row": "第三行"}, "第三行"),
    "no_day": ({"period": {"end": "2024-06-31"}}, "2024-06-31"),
    "row_without_a_meaning": ({"rows": {"职工": "employee"}}, "employee"),
    "totals_of_nothing_known": ({"rows": {"合计": {"total_of": ["employee", "income"]}}}, "income"),
    "part_of_what_has_none": ({"rows": {"月数": {"item": "payable_months.pool"}}}, "payable_months.pool"),
    "bad_name": ({"template": "某县"}, "template"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_template_gets_one_sentence_that_names_it(kind: str, tmp_path: Path) -> None:
    changes, named = WRONG[kind]
    path = tmp_path / "wrong.yml"
    path.write_text(yaml.safe_dump(template("某县") | changes, allow_unicode=True), encoding="utf-8")
    with pytest.raises(Refused) as refusal:
        load_template(path)
    for text in (refusal.value.text.zh, refusal.value.text.en):
        assert "wrong.yml" in text
        assert named in text
        assert "\n" not in text
        assert not re.search(r"Input should|Extra inputs|Field required|Value error|valid ", text)
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", refusal.value.text.zh.replace("regular expression", ""))


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"a: [1", "YAML"),
        (b"- a\n- b\n", "YAML"),
        (b"", "YAML"),
        (b"\xff\xfe\x00", "YAML"),
        ("rows: {合计: {}, 合计: {}}".encode(), "合计"),
    ],
)
def test_what_is_no_yaml_is_said(content: bytes, named: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yml"
    path.write_bytes(content)
    with pytest.raises(Refused, match=named):
        load_template(path)
    with pytest.raises(Refused, match="nowhere"):
        load_template(tmp_path / "nowhere.yml")


def test_the_page_in_docs_names_every_key_and_its_templates_load(tmp_path: Path) -> None:
    page = (PROJECT_ROOT / "docs" / "statements.md").read_text(encoding="utf-8")
    parts = (Template, Recognise, Region, Period, Source, Dims, ListColumn, Override)
    keys = {field.alias or name for part in parts for name, field in part.model_fields.items()}
    assert {key for key in keys if not re.search(rf"\b{key}\b", page)} == set()
    blocks = re.findall(r"```yaml\n(template: .*?)```", page, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        path = tmp_path / "page.yml"
        path.write_text(block, encoding="utf-8")
        load_template(path)


def read_made(folder: Path, lines: list[list[str]], **changes: Any) -> Extract:
    path = write_csv(folder / "made.csv", lines)
    made = load_template(write_template(folder, template("某县", **changes)))
    book = read_book(path, path.name)
    assert recognises(made, book, path.name, needs_name=False) is None
    return extract(made, book, path.name)


@pytest.mark.parametrize(
    ("title", "period", "expected"),
    [
        ("2024年1-6月", {"basis": "ytd", "from": "A1"}, "ytd 2024-01-01 2024-06-30"),
        ("2024年", {"basis": "ytd", "from": "A1"}, "year 2024-01-01 2024-12-31"),
        ("2024年6月", {"basis": "month", "from": "A1"}, "month 2024-06-01 2024-06-30"),
        ("2024年二季度", {"basis": "quarter", "from": "A1"}, "quarter 2024-04-01 2024-06-30"),
        ("2024年4-6月", {"basis": "quarter", "from": "A1"}, "quarter 2024-04-01 2024-06-30"),
        ("2024年二季度", {"basis": "range", "from": "A1"}, "range None 2024-06-30"),
        ("", {"basis": "ytd", "end": "2024-06-30"}, "ytd 2024-01-01 2024-06-30"),
        ("", {"basis": "ytd", "start": "2024-01-01", "end": "2024-12-31"}, "year 2024-01-01 2024-12-31"),
        ("", {"basis": "month", "end": "2024-06-30"}, "month 2024-06-01 2024-06-30"),
        ("", {"basis": "range", "start": "2024-02-01", "end": "2024-06-30"}, "range 2024-02-01 2024-06-30"),
    ],
)
def test_a_flow_has_the_period_its_basis_implies(
    title: str, period: dict[str, str], expected: str, tmp_path: Path
) -> None:
    cells = read_made(tmp_path, table(title), period=period).read
    income = next(cell for cell in cells if cell.cell == "F3")
    assert f"{income.period.basis} {income.period.start} {income.period.end}" == expected


def test_the_day_of_delivery_in_the_name_is_no_period(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "made@2024-03-01.csv", table())
    made = load_template(write_template(tmp_path, template("某县", period={"from": "file_name"})))
    with pytest.raises(Refused, match="找不到时期"):
        extract(made, read_book(path, path.name), path.name)


def test_a_column_overrides_a_row_and_a_row_a_section(tmp_path: Path) -> None:
    rows = [
        ["项目", "金额", "人数"],
        ["收入", "", ""],
        ["职工", "1.20", "30"],
        ["支出", "", ""],
        ["职工", "—", ""],
    ]
    changes = {
        "recognise": {"cells": {"A1": "项目"}},
        "period": {"end": "2024-06-30"},
        "first_row": 2,
        "sections": {"收入": {"item": "income"}, "支出": {"item": "expenditure"}},
        "rows": {"职工": {"scheme": "employee"}, "支出/职工": {"scheme": "resident"}},
        "columns": {"B": {}, "C": {"item": "beneficiaries", "unit": "人"}},
    }
    cells = read_made(tmp_path, rows, **changes).read
    assert [(cell.cell, cell.scheme_code, cell.fund_scope, cell.item, cell.value) for cell in cells] == [
        ("B3", "employee", "total", "income", Decimal(12000)),
        ("C3", "employee", "all", "beneficiaries", Decimal(30)),
        ("B5", "resident", "pool", "expenditure", None),
    ]
