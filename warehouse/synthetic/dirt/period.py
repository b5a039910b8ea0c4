"""The months that carry the dirt, and the period a file's name ends with."""

from __future__ import annotations

import re

from warehouse.synthetic.export import FeedFile
from warehouse.synthetic.plan import Plan


def last_months(plan: Plan) -> list[str]:
    """The months of the last year as files name them."""
    return [f"{each:%Y-%m}" for each in plan.months if each.year == plan.last.year]


def period_of(file: FeedFile) -> str:
    """The year or month at the end of a file's name."""
    found = re.search(r"_(\d{4}(-\d{2})?)\.", file.name)
    return found[1] if found else ""
