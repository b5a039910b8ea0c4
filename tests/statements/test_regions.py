"""A table with one region a row: each label is looked up, the total is checked, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.statements.cells import Extract
from warehouse.statements.extract import extract, recognises
from warehouse.statements.sheet import read_book
from warehouse.statements.template import load_template

TABLE = """2024年居民医保基金收支情况表,,,
单位:万元,,,
市县,参保人数(人),基金收入,基金支出
海口,1000,500.10,400.05
三亞市,500,200.20,150.10
河西新区,5,1.00,1.00
无名镇,1,0.50,0.40
合计,1506,701.80,551.55
"""
TEMPLATE = """template: one_region_a_row
describes: 市县居民医保基金收支
recognise: {cells: {A3: 市县, C3: 基金收入}}
region: {name: 海南省, code: "460000", parent: "000000"}
regions: {河西新区: {name: 河西新区, code: null, parent: "460200"}}
period: {basis: ytd, from: A1}
source: {title: 市县居民医保基金收支, publisher: 某局}
first_row: 4
unit: 万元
columns:
  B: {item: enrolled_persons, unit: 人}
  C: {item: income}
  D: {item: expenditure}
rows:
  合计: {scheme: resident, total_of: [regions]}
  "*": {scheme: resident, region: label}
"""


@pytest.fixture
def result(tmp_path: Path) -> Extract:
    (tmp_path / "t.yml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "f.csv").write_text(TABLE, encoding="utf-8")
    template = load_template(tmp_path / "t.yml")
    book = read_book(tmp_path / "f.csv", "f.csv")
    assert recognises(template, book, "f.csv", needs_name=False) is None
    return extract(template, book, "f.csv")


def test_labels_become_regions(result: Extract) -> None:
    found = {(cell.region_code, cell.region_name, cell.region_parent) for cell in result.read}
    assert found == {
        ("460100", "海口市", "460000"),
        ("460200", "三亚市", "460000"),
        ("x-河西新区", "河西新区", "460200"),
        ("x-无名镇", "无名镇", "460000"),
        ("460000", "海南省", "000000"),
    }


def test_the_total_is_the_provinces_and_marked(result: Extract) -> None:
    totals = [cell for cell in result.read if cell.total_of]
    assert {cell.region_code for cell in totals} == {"460000"}
    assert {cell.total_of for cell in totals} == {"regions"}
    assert len(result.read) == 15
