"""What a cell of a statement may be: items with their kind, units with their factor, words of headers."""

from __future__ import annotations

import re
from decimal import Decimal

STOCKS = {
    "enrolled_persons": "persons",
    "enrolled_active": "persons",
    "enrolled_retired": "persons",
    "closing_balance": "yuan",
    "payable_months": "months",
}
FLOWS = {
    "beneficiaries": "persons",
    "benefit_visits": "visits",
    "opening_balance": "yuan",
    "income": "yuan",
    "expenditure": "yuan",
    "current_balance": "yuan",
    "income_and_opening": "yuan",
    "expenditure_and_closing": "yuan",
}
PART = re.compile(r"^([a-z_]+)((?:\.[a-z][a-z0-9_]*)+)$")

UNITS = {
    "元": ("yuan", Decimal(1)),
    "百元": ("yuan", Decimal(100)),
    "千元": ("yuan", Decimal(1000)),
    "万元": ("yuan", Decimal(10000)),
    "十万元": ("yuan", Decimal(100000)),
    "百万元": ("yuan", Decimal(1000000)),
    "千万元": ("yuan", Decimal(10000000)),
    "亿元": ("yuan", Decimal(100000000)),
    "十亿元": ("yuan", Decimal(1000000000)),
    "百亿元": ("yuan", Decimal(10000000000)),
    "万亿元": ("yuan", Decimal(1000000000000)),
    "人": ("persons", Decimal(1)),
    "百人": ("persons", Decimal(100)),
    "千人": ("persons", Decimal(1000)),
    "万人": ("persons", Decimal(10000)),
    "亿人": ("persons", Decimal(100000000)),
    "人次": ("visits", Decimal(1)),
    "百人次": ("visits", Decimal(100)),
    "千人次": ("visits", Decimal(1000)),
    "万人次": ("visits", Decimal(10000)),
    "亿人次": ("visits", Decimal(100000000)),
    "个月": ("months", Decimal(1)),
    "月": ("months", Decimal(1)),
    "yuan": ("yuan", Decimal(1)),
    "10k_yuan": ("yuan", Decimal(10000)),
    "100m_yuan": ("yuan", Decimal(100000000)),
    "persons": ("persons", Decimal(1)),
    "10k_persons": ("persons", Decimal(10000)),
    "visits": ("visits", Decimal(1)),
    "10k_visits": ("visits", Decimal(10000)),
    "months": ("months", Decimal(1)),
}
KINDS_ZH = {"yuan": "金额", "persons": "人数", "visits": "人次", "months": "月数"}
COUNTED = ("persons", "visits")

# How headers name items and schemes; the first that is found counts.
SCHEME_WORDS = (
    ("城乡居民|居民", "resident"),
    ("职工|从业人员", "employee"),
    ("^(其中:?)?生育", "maternity"),
    ("医疗救助|救助", "medical_assistance"),
    ("大病", "critical_illness"),
    ("长期护理", "long_term_care"),
    ("合计|总计|基本医疗保险", "all"),
)
ITEM_WORDS = (
    ("可支付月|支付能力|可支撑月", "payable_months"),
    (r"人次(数|\(|$)", "benefit_visits"),
    ("下级上解|上解收入", "income.from_lower_level"),
    ("上解", "expenditure.remit_to_upper"),
    ("(补助|下拨)(下级|市县|县级|支出)|下拨.*支出", "expenditure.subsidy_to_lower_level"),
    ("上级补助|下拨", "income.upper_level_subsidy"),
    ("财政补(?!.*支出)", "income.fiscal_subsidy"),
    ("利息(?!支出)", "income.interest"),
    ("转移收入", "income.transfer"),
    ("转移支出", "expenditure.transfer"),
    ("其他收入", "income.other"),
    ("其他支出", "expenditure.other"),
    ("缴费收入|保险费收入|征缴", "income.contribution"),
    ("待遇支出", "expenditure.benefit"),
    (
        "上年末?(累计|滚存)?(结余|结存|余额)|上期(结余|结存)|期初(累计|滚存)?(结余|结存|余额)|^期初$"
        "|年初(累计|滚存)?(结余|结存|余额)",
        "opening_balance",
    ),
    ("(累计|滚存|期末|年末)(累计|滚存)?(结余|结存|余额)", "closing_balance"),
    ("(当期|收支|本期|当年|本年|本月)(收支)?(结余|结存|差额)", "current_balance"),
    ("在职(?!.*(收入|支出|费))", "enrolled_active"),
    ("退休(?!.*(收入|支出|费))", "enrolled_retired"),
    ("参保(?!.*(收入|支出|费))", "enrolled_persons"),
    ("享受待遇|享受人数|受益人|待遇.*人数", "beneficiaries"),
    ("收入", "income"),
    ("支出", "expenditure"),
)


def kind_of(item: str) -> str | None:
    """The base unit of an item (yuan, persons, visits, months), None when the item is not known."""
    part = PART.match(item)
    root = part[1] if part else item
    if part and root in ("payable_months", "income_and_opening", "expenditure_and_closing"):
        return None
    return STOCKS.get(root) or FLOWS.get(root)


def is_stock(item: str) -> bool:
    """Whether an item is counted on a day rather than over a period."""
    return item.split(".")[0] in STOCKS


def first_of(words: tuple[tuple[str, str], ...], key: str) -> str | None:
    """The code of the first word that ``key`` holds."""
    return next((code for pattern, code in words if re.search(pattern, key)), None)
