"""Anomalies planted in the base data, with known answers (``province.base_anomaly``)."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from warehouse.synthetic.plan import Plan, month_index, month_of


@dataclass(frozen=True)
class HospitalAnomaly:
    """A hospital whose stays are cut in two, or whose prices jump by ``factor``."""

    institution: str
    factor: float = 1.0

    def since(self, plan: Plan) -> str:
        """SQL date from which prices are higher: six months before the end."""
        return f"date '{month_of(max(month_index(plan.first), month_index(plan.last) - 5))}'"


@dataclass(frozen=True)
class CountyAnomaly:
    """A county that leaves out a share of its settlements for three months."""

    county: str
    share: float

    def first(self, plan: Plan) -> str:
        """SQL date of the first incomplete month."""
        return f"date '{month_of(max(month_index(plan.first), month_index(plan.last) - 6))}'"

    def last(self, plan: Plan) -> str:
        """SQL date of the last incomplete month."""
        return f"date '{month_of(max(month_index(plan.first), month_index(plan.last) - 4))}'"


@dataclass(frozen=True)
class RareDisease:
    """A disease of very few persons in a small county."""

    county: str
    code: str
    name: str
    share: float


SPLIT_STAYS = HospitalAnomaly("H46010000102")
PRICE_JUMP = HospitalAnomaly("H46020000101", 1.6)
UNDER_REPORTING = CountyAnomaly("469030", 0.5)
RARE_DISEASE = RareDisease("469001", "E75", "神经鞘脂贮积病", 0.012)
DEFICIT_COUNTY = "469007"
FIRST_HALF_DAYS = 7


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Create the empty list."""
    del plan
    connection.execute(
        "create table if not exists base_anomaly (code varchar, feed varchar, region_code varchar, "
        "institution varchar, month date, what_zh varchar, what_en varchar, amount decimal(18, 2))"
    )
