"""Made statements: a small table of an invented county, as CSV or XLSX, and a template that reads it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from openpyxl import Workbook

HEADER = [
    "项目",
    "参保人数",
    "在职",
    "退休",
    "上年结余",
    "收入",
    "支出",
    "当期结余",
    "累计结余",
    "缴费收入",
    "财政补助",
]
ITEMS = (
    "enrolled_persons",
    "enrolled_active",
    "enrolled_retired",
    "opening_balance",
    "income",
    "expenditure",
    "current_balance",
    "closing_balance",
    "income.contribution",
    "income.fiscal_subsidy",
)
CORRECT = """
职工医保,38215,28000,10215,8765.24,4120.36,3011.08,1109.28,9874.52,4000.25,120.11
职工统筹,,,,5000.24,2500.36,2000.08,500.28,5500.52,,
职工个人账户,,,,3765,1620,1011,609,4374,,
居民医保,261407,,,10456.26,11306.9,6542.75,4764.15,15220.41,3326.79,7980.11
合计,299622,,,19221.5,15427.26,9553.83,5873.43,25094.93,7327.04,8100.22
"""


def template(region: str, **changes: Any) -> dict[str, Any]:
    """A template of the made statement for ``region``, with ``changes`` of its parts."""
    letters = "BCDEFGHIJK"
    persons = {"unit": "人"}
    content: dict[str, Any] = {
        "template": "made_" + "_".join(f"{ord(letter):x}" for letter in region),
        "describes": f"{region}收支表",
        "recognise": {"cells": {"A2": "项目", "F2": "收入"}},
        "region": {"name": region},
        "period": {"basis": "ytd", "from": "A1"},
        "source": {"title": f"{region}收支表", "publisher": f"{region}医疗保障局"},
        "first_row": 3,
        "unit": "万元",
        "columns": {
            letter: {"item": item, **(persons if item.startswith("enrolled") else {})}
            for letter, item in zip(letters, ITEMS, strict=True)
        },
        "rows": {
            "职工医保": {"scheme": "employee"},
            "职工统筹": {"scheme": "employee", "fund_scope": "pool"},
            "职工个人账户": {"scheme": "employee", "fund_scope": "account"},
            "居民医保": {"scheme": "resident"},
            "合计": {"scheme": "all", "total_of": ["employee", "resident"]},
        },
    }
    return content | changes


def write_template(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / f"{content['template']}.yml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def table(title: str = "某县2024年1-6月收支表", **changes: str) -> list[list[str]]:
    """The correct statement as rows of texts; ``changes`` are cells by place, such as ``F3='1'``."""
    rows = [[title, *[""] * 10], list(HEADER), *csv.reader(CORRECT.split())]
    for place, text in changes.items():
        rows[int(place[1:]) - 1][ord(place[0]) - ord("A")] = text
    return rows


def write_csv(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def workbook(rows: Sequence[Sequence[str]]) -> Workbook:
    """The rows in a workbook, numbers as numbers."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append([float(text) if _is_number(text) else text or None for text in row])
    return book


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
