"""Which data an account may see: the whole province, or one reporting unit by its region code."""

from __future__ import annotations

import csv
from functools import cache

from warehouse.settings import SEEDS
from warehouse.texts import Refused, Text

PROVINCE = "460000"


@cache
def scopes() -> dict[str, Text]:
    """Code and name of each scope, the province first (``seeds/reference/region.csv``)."""
    with (SEEDS / "reference" / "region.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["region_code"]: row for row in csv.DictReader(stream)}
    codes = [PROVINCE, *(code for code, row in rows.items() if row["is_reporting_unit"] == "true")]
    return {code: Text(rows[code]["region_name"], rows[code]["name_en"]) for code in codes}


def require_scope(text: str) -> str:
    """The code of a scope; ``province`` stands for the province. Refused when there is none."""
    code = PROVINCE if text.strip().lower() == "province" else text.strip()
    if code not in scopes():
        listed = "、".join(f"{each} {name.zh}" for each, name in scopes().items())
        listed_en = ", ".join(f"{each} {name.en}" for each, name in scopes().items())
        raise Refused(
            f"没有数据范围 {text}。可用：province（全省）或 {listed}。",
            f"There is no scope {text}. Use province or one of: {listed_en}.",
        )
    return code
