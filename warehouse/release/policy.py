"""Who may see what: the policy of ``seeds/reference/scope_table.csv``, one row per public table.

A scope is a file. A table that the policy does not name stops the release, so nothing new is shown
to anybody before somebody has said, with a reason, to whom.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from warehouse.settings import SEEDS
from warehouse.texts import Refused

POLICY_FILE = SEEDS / "reference" / "scope_table.csv"
COUNTY_ROWS = ("none", "own", "own_and_province", "all")
WHOLE_PROVINCE = ("460000", "000000", "all")


@dataclass(frozen=True)
class TableRule:
    """What of one table the province's file and a county's file hold; statisticians see all of it."""

    table: str
    in_province: bool
    county_rows: str
    region_column: str

    def county_filter(self, region_code: str) -> str:
        """The SQL condition for the rows that the file of ``region_code`` receives."""
        if self.county_rows == "all":
            return "true"
        if self.county_rows == "none":
            return "false"
        regions = (region_code, *(WHOLE_PROVINCE if self.county_rows == "own_and_province" else ()))
        return f'"{self.region_column}" in ({", ".join(repr(each) for each in regions)})'


def read_policy(path: Path = POLICY_FILE) -> dict[str, TableRule]:
    """The rules by table name (``schema.table``)."""
    with path.open(encoding="utf-8", newline="") as stream:
        rules = [
            TableRule(
                row["table_name"],
                row["in_province"] == "true",
                row["county_rows"],
                row["region_column"],
            )
            for row in csv.DictReader(stream)
        ]
    return {rule.table: rule for rule in rules}


def check_policy(rules: dict[str, TableRule], tables: Iterable[str]) -> None:
    """Refuse a release with a table that no rule names, or a rule that cannot be applied."""
    missing = sorted(set(tables) - set(rules))
    if missing:
        listed = "、".join(missing)
        raise Refused(
            f"以下表没有写明谁可以看，不能发布：{listed}。请在 {POLICY_FILE.name} 中各加一行并写明理由。",
            f"No rule says who may see {', '.join(missing)}, so nothing is released. "
            f"Add a row for each to {POLICY_FILE.name}, with the reason.",
        )
    for rule in rules.values():
        needs_column = rule.county_rows in ("own", "own_and_province")
        if rule.county_rows not in COUNTY_ROWS or needs_column != bool(rule.region_column):
            raise Refused(
                f"{POLICY_FILE.name} 中 {rule.table} 的规则不完整（county_rows、region_column）。",
                f"The rule for {rule.table} in {POLICY_FILE.name} is incomplete (county_rows, region_column).",
            )
