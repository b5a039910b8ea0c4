"""Paths by year that the smaller feeds follow: published where a figure exists, else assumed.

Each path is a share or a number for the whole province at the end of a year; the evidence is named
beside it. Years outside a path take its nearest end.
"""

from __future__ import annotations

from collections.abc import Mapping

PLATFORM_DRUG_SHARE = {2020: 0.95, 2021: 0.954, 2022: 0.958, 2023: 0.962, 2024: 0.967, 2025: 0.971}
"""Drugs bought on the platform, herbs left out: 2020 from the plan, then the linear way to 97 %."""

PLATFORM_CONSUMABLE_SHARE = {2020: 0.90, 2021: 0.914, 2022: 0.930, 2023: 0.944, 2024: 0.957, 2025: 0.968}
"""High-value consumables bought on the platform: 2020 from the plan, then just short of 97 %."""

TENDERED_DRUGS = {2020: 112, 2021: 316, 2022: 370, 2023: 425, 2024: 470, 2025: 510}
"""Varieties, cumulative: 2020 and 2021 published (112; 316 with alliances), later assumed to pass 500."""

TENDERED_CONSUMABLE_CLASSES = {2020: 2, 2021: 3, 2022: 4, 2023: 5, 2024: 5, 2025: 6}
"""Classes of high-value consumables, cumulative: 2020 published, later assumed to pass 5."""

CROSS_PROVINCE_DIRECT_SHARE = {2020: 0.76, 2021: 0.77, 2022: 0.775, 2023: 0.785, 2024: 0.80, 2025: 0.81}
"""Stays outside the province settled directly: 2020 published (48.5 k of about 64 k), then assumed."""

PAID_BY_CASE_SHARE = {2020: 0.20, 2021: 0.30, 2022: 0.41, 2023: 0.53, 2024: 0.63, 2025: 0.70}
"""Inpatient costs paid by DRG or DIP among all: 2020 and 2025 from the plan, between assumed."""

ECERTIFICATE_SHARE = {2019: 0.0, 2020: 0.26, 2021: 0.558, 2022: 0.66, 2023: 0.74, 2024: 0.79, 2025: 0.83}
"""Insured persons with an e-certificate: end of 2021 published (5.211 M of 9.34 M), else assumed."""

ONLINE_ITEM_SHARE = {2020: 0.86, 2021: 0.90, 2022: 0.94, 2023: 0.97, 2024: 0.985, 2025: 1.0}
"""Service items that can be done online: assumed way to the plan's 100 %."""

COUNTER_ITEM_SHARE = {2020: 0.95, 2021: 0.97, 2022: 0.985, 2023: 1.0, 2024: 1.0, 2025: 1.0}
"""Service items that can be done at the counter: assumed way to the plan's 100 %."""

RECOVERED_YUAN = {2020: 0.96e8, 2021: 1.02e8, 2022: 0.98e8, 2023: 0.92e8, 2024: 0.88e8, 2025: 0.84e8}
"""Recovered money of the province a year: 288 M yuan for 2019–2021 published, spread and continued."""

HANDLED_INSTITUTION_SHARE = 784 / 5_600
"""Institutions handled a year: 2,352 times in three years (published) over about 5,600 institutions."""

FINES_YUAN_A_YEAR = 944_333
"""Administrative fines of the province a year: 2.833 M yuan for 2019–2021 (published)."""

SERVICE_CASES_A_YEAR = 1_000_000
"""Service cases of the province a year: middle of the 0.5–1.5 M of the source model."""


def by_year(year: str, path: Mapping[int, float]) -> str:
    """SQL for the value of a path at ``year``, an integer expression."""
    first, last = min(path), max(path)
    cases = " ".join(f"when {key} then {path[key]}" for key in sorted(path))
    return f"cast(case greatest(least({year}, {last}), {first}) {cases} end as double)"


def between_years(day: str, path: Mapping[int, float]) -> str:
    """SQL for a path interpolated between year ends at ``day``, a date expression."""
    year = f"cast(extract('year' from {day}) as integer)"
    passed = f"(extract('doy' from {day}) / 366.0)"
    start, end = by_year(f"{year} - 1", path), by_year(year, path)
    return f"({start} + ({end} - {start}) * {passed})"
