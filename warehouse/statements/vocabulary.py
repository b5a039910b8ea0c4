"""What a cell of a statement may be: items with their kind, units with their factor."""

from __future__ import annotations

import re
from decimal import Decimal

STOCKS = {
    "enrolled_persons": "persons",
    "enrolled_active": "persons",
    "enrolled_retired": "persons",
    "closing_balance": "yuan",
}
FLOWS = {
    "beneficiaries": "persons",
    "benefit_visits": "visits",
    "opening_balance": "yuan",
    "income": "yuan",
    "expenditure": "yuan",
    "current_balance": "yuan",
}
SUB_ITEM = re.compile(r"^(income|expenditure)\.[a-z][a-z0-9_]*$")
BETWEEN_LEVELS = ("income.upper_level_subsidy", "expenditure.remit_to_upper")

UNITS = {
    "元": ("yuan", Decimal(1)),
    "千元": ("yuan", Decimal(1000)),
    "万元": ("yuan", Decimal(10000)),
    "百万元": ("yuan", Decimal(1000000)),
    "亿元": ("yuan", Decimal(100000000)),
    "人": ("persons", Decimal(1)),
    "万人": ("persons", Decimal(10000)),
    "人次": ("visits", Decimal(1)),
    "万人次": ("visits", Decimal(10000)),
    "亿人次": ("visits", Decimal(100000000)),
    "yuan": ("yuan", Decimal(1)),
    "10k_yuan": ("yuan", Decimal(10000)),
    "100m_yuan": ("yuan", Decimal(100000000)),
    "persons": ("persons", Decimal(1)),
    "10k_persons": ("persons", Decimal(10000)),
    "visits": ("visits", Decimal(1)),
    "10k_visits": ("visits", Decimal(10000)),
}


def kind_of(item: str) -> str | None:
    """The base unit of an item (yuan, persons, visits), None when the item is not known."""
    if SUB_ITEM.match(item):
        return "yuan"
    return STOCKS.get(item) or FLOWS.get(item)
