"""Who may see what: ``seeds/reference/scope_table.csv`` by table, ``scope_column.csv`` by column.

A scope is a file. A table that the policy does not name, or a column of a public file that it does not protect, stops
the release, so nothing new is shown to anybody before somebody has said, with a reason, to whom.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.settings import SEEDS
from warehouse.texts import Refused

POLICY_FILE = SEEDS / "reference" / "scope_table.csv"
COLUMN_FILE = SEEDS / "reference" / "scope_column.csv"
PROTECTIONS = ("key", "no_persons", "province", "published", "withheld", "statistician")
"""``statistician``: empty in every public file, for rows of a delivery count the persons or visits of a month.
``withheld``: empty where few stand behind, by the table's ``withheld_where`` or where it was computed."""
COUNTY_ROWS = ("none", "own", "own_and_province", "all")
WHOLE_PROVINCE = ("460000", "000000", "all")


@dataclass(frozen=True)
class TableRule:
    """What of one table the province's file and a county's file hold; statisticians see all of it."""

    table: str
    in_province: bool
    county_rows: str
    region_column: str
    withheld_where: str = ""
    row_filter: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def protected(self, *protections: str) -> list[str]:
        """The columns with one of these protections."""
        return [name for name, protection in self.columns.items() if protection in protections]

    def county_filter(self, region_code: str) -> str:
        """The SQL condition for the rows that the file of ``region_code`` receives."""
        if self.county_rows == "all":
            return "true"
        if self.county_rows == "none":
            return "false"
        regions = (region_code, *(WHOLE_PROVINCE if self.county_rows == "own_and_province" else ()))
        return f'"{self.region_column}" in ({", ".join(repr(each) for each in regions)})'


def read_policy(path: Path = POLICY_FILE, column_path: Path = COLUMN_FILE) -> dict[str, TableRule]:
    """The rules by table name (``schema.table``)."""
    columns = _read_columns(column_path)
    with path.open(encoding="utf-8", newline="") as stream:
        rules = [
            TableRule(
                row["table_name"],
                row["in_province"] == "true",
                row["county_rows"],
                row["region_column"],
                row["withheld_where"],
                row["row_filter"],
                columns.get(row["table_name"], {}),
            )
            for row in csv.DictReader(stream)
        ]
    return {rule.table: rule for rule in rules}


def _read_columns(path: Path) -> dict[str, dict[str, str]]:
    columns: dict[str, dict[str, str]] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["protection"] in PROTECTIONS and row["reason_zh"].strip():
                named = dict.fromkeys(row["column_names"].split(";"), row["protection"])
                columns.setdefault(row["table_name"], {}).update(named)
    return columns


def check_columns(rules: dict[str, TableRule], columns: Iterable[tuple[str, str]]) -> None:
    """Refuse a release whose public files would hold a column that nobody protects (``schema.table``, column)."""
    bare = sorted(
        f"{table}.{column}"
        for table, column in columns
        if rules[table].in_province and column not in rules[table].columns
    )
    if bare:
        raise Refused(
            f"以下列没有写明如何保护小格，不能发布：{'、'.join(bare)}。请在 {COLUMN_FILE.name} 中写明保护方式和理由"
            f"（{'、'.join(PROTECTIONS)}）。",
            f"Nobody has said how small cells are protected in {', '.join(bare)}, so nothing is released. "
            f"Name them in {COLUMN_FILE.name} with a protection ({', '.join(PROTECTIONS)}) and the reason.",
        )


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
