"""Numbers the province is calibrated to, each with the evidence it stands on.

Published: printed in the documents or the national series. Fitted: chosen so that a published number
results. Assumed: a plausible level or path where nothing is published. Yuan are those of the whole
province; they scale with ``Plan.share``.
"""

from __future__ import annotations

SCHEMES = ("310", "390")
YEARS = (2020, 2021, 2022, 2023, 2024, 2025)

VISITS_PER_HEAD = {
    "310": (5.2, 5.8, 5.8, 6.8, 8.0, 8.3),
    "390": (1.95, 2.06, 2.19, 2.71, 3.17, 3.42),
}
"""Settlements per insured person without pharmacies (national series; resident definition break 2023)."""

PHARMACY_PER_HEAD = {"310": 5.8, "390": 0.0}
"""Purchases at pharmacies per employee and year (national series)."""

ADMISSIONS_PER_100 = {
    "310": (12.6, 13.6, 13.0, 15.2, 16.7, 17.4),
    "390": (11.1, 11.8, 11.4, 13.0, 14.1, 14.7),
}
"""Stays per 100 insured persons: 11–12 rising to 15–16 over both schemes (assumed below the nation's)."""

STAY_COST_YUAN = {
    "310": (13_900, 14_100, 14_000, 12_900, 11_900, 11_200),
    "390": (8_350, 8_450, 8_400, 7_750, 7_150, 6_720),
}
"""Mean cost of a stay: 2022 level assumed, 20 % less in 2025 (trend published)."""

STAY_DAYS = (9.5, 9.4, 9.2, 9.0, 8.8, 8.6)
"""Mean length of stay in days (trend published, level assumed)."""

POLICY_RATIO = {"310": {"1": 0.87, "2": 0.85, "3": 0.81}, "390": {"1": 0.84, "2": 0.78, "3": 0.68}}
"""Basic and large-sum payment over costs within policy, by hospital level (fitted to 82 % and 74 %)."""

STAY_COST_MIX = {"310": {"1": 0.05, "2": 0.20, "3": 0.75}, "390": {"1": 0.18, "2": 0.37, "3": 0.45}}
"""Share of the levels in inpatient costs (fitted)."""

LEVEL_COST = {"1": 0.40, "2": 0.75, "3": 1.35}
"""Cost of a stay by level relative to the others (assumed)."""

WITHIN_POLICY = {"310": 0.880, "390": 0.815}
"""Costs within policy over all costs of stays (fitted to actual ratios of 72–74 % and 60–63 %)."""

OUTPATIENT_COST_YUAN = {
    "310": (248, 236, 240, 203, 163, 153),
    "390": (96, 96, 102, 100, 90, 88),
}
"""Mean cost of an outpatient visit (fitted to the expenditure path)."""

CHRONIC_COST_FACTOR = 1.9
"""Cost of a chronic-disease visit relative to an ordinary one (assumed)."""

PHARMACY_COST_YUAN = (101, 98, 100, 90, 78, 74)
"""Mean purchase at a pharmacy (assumed)."""

OUTPATIENT_RATIO = {"310": {"11": 0.52, "14": 0.78}, "390": {"11": 0.50, "14": 0.62}}
"""Fund payment over costs within policy of outpatient visits (assumed)."""

INCOME_100M = {
    "310": (93.5, 114.0, 124.5, 132.0, 137.88, 142.0),
    "390": (59.0, 58.0, 58.5, 60.0, 60.12, 62.0),
}
"""Fund income: totals 2020 published, 172/183/192/198 for 2021–24 assumed; split and 2025 assumed."""

EXPENDITURE_100M = {
    "310": (80.2, 86.0, 90.5, 92.5, 92.5, 93.5),
    "390": (50.1, 52.0, 52.5, 53.5, 54.5, 55.5),
}
"""Fund expenditure: 2020 derived from the documents, totals 138/143/146/147 assumed; split, 2025 assumed."""

OPENING_100M = {"310": 164.4, "390": 35.5}
"""Balance at the start of 2020 (total published, split assumed)."""

REDEFINITION_100M = {"310": 48.07, "390": 0.0}
"""Adjustment booked in January 2024, so that the balances end 2024 at 372.65 and 68.52 (rolled back)."""

CUMULATIVE = {
    ("income", "310"): {0: 0.0, 3: 0.25, 5: 0.40, 6: 0.48, 8: 0.64, 10: 0.81, 12: 1.0},
    ("income", "390"): {0: 0.0, 3: 0.33, 5: 0.42, 6: 0.50, 8: 0.59, 10: 0.73, 12: 1.0},
    ("expenditure", "310"): {0: 0.0, 3: 0.20, 5: 0.37, 6: 0.46, 8: 0.63, 10: 0.80, 12: 1.0},
    ("expenditure", "390"): {0: 0.0, 3: 0.19, 5: 0.36, 6: 0.46, 8: 0.63, 10: 0.80, 12: 1.0},
}
"""Cumulative shares of the year at month ends (national 2023); months between are spread evenly."""

EMPLOYEE_SHARE = (0.26, 0.293)
"""Employees among the insured: 2020 assumed, mid-2025 published (2.7886 M and 6.7351 M)."""

WORKING_PER_RETIRED = 2.6
"""Working per retired employee (published)."""

MALE_SHARE = 0.53
"""Male share of the population (census)."""

AGE_GROUPS = (
    # first age, years in the group, share of the population 2020, share of employees within the group
    (0, 5, 0.066, 0.0),
    (5, 5, 0.070, 0.0),
    (10, 5, 0.066, 0.0),
    (15, 5, 0.060, 0.0),
    (20, 5, 0.062, 0.185),
    (25, 5, 0.075, 0.353),
    (30, 5, 0.093, 0.353),
    (35, 5, 0.084, 0.353),
    (40, 5, 0.073, 0.353),
    (45, 5, 0.076, 0.353),
    (50, 5, 0.073, 0.353),
    (55, 5, 0.059, 0.353),
    (60, 5, 0.041, 0.380),
    (65, 5, 0.036, 0.380),
    (70, 5, 0.025, 0.380),
    (75, 5, 0.018, 0.380),
    (80, 5, 0.013, 0.380),
    (85, 11, 0.010, 0.380),
)
"""Age structure: 0–14 20 %, 65 and over 10.4 % (published); the rest and the employees' part fitted."""

START_SHARE = 0.9955
"""Insured persons at the start of 2020 over those at its end (fitted)."""

BIRTHS_A_YEAR, ARRIVALS_A_YEAR, DEPARTURES_A_YEAR = 0.0103, 0.0033, 0.0045
"""Newborn, arriving and leaving insured persons per person of 2020 and year (fitted to 934 → 952 万)."""

SWITCHES_BY_2025 = 0.215
"""Residents aged 17–39 in 2020 who become employees within six years (fitted to 29.3 %)."""

WINTER_SHARE = 0.03
"""Insured persons of other provinces who spend November to March here, per insured person (assumed)."""

REFUND_SHARE = 0.016
"""Settlements that are refunded (source model: 1–3 %)."""

CROSS_PROVINCE_STAYS = {"310": 0.085, "390": 0.05}
"""Stays outside the province among all: about 64 k in 2020 (published number of direct ones: 48.5 k)."""

ROSTERED_SHARE = 628_000 / 9_340_000
"""Persons on the assistance rosters (published: 62.8 万)."""

SEASON = {
    2020: (0.98, 0.55, 0.80, 0.95, 1.03, 1.06, 1.08, 1.08, 1.09, 1.10, 1.14, 1.14),
    2021: (1.02, 0.88, 1.00, 0.99, 1.00, 1.00, 1.00, 0.97, 1.00, 1.02, 1.05, 1.07),
    2022: (1.03, 0.94, 1.05, 0.97, 1.04, 1.06, 1.07, 0.62, 0.88, 1.07, 1.14, 1.13),
    2023: (0.86, 0.96, 1.05, 1.00, 1.02, 1.00, 1.00, 1.00, 0.99, 1.00, 1.05, 1.07),
    2024: (1.00, 0.88, 1.02, 1.00, 1.01, 1.00, 1.01, 1.01, 0.99, 1.01, 1.03, 1.04),
    2025: (0.93, 0.95, 1.02, 1.00, 1.01, 1.00, 1.01, 1.01, 0.99, 1.01, 1.03, 1.04),
}
"""Care by month relative to the year's mean: the epidemic of 2020 and August 2022, the spring festival."""

AGE_BANDS = (0, 15, 45, 65)
OUTPATIENT_BY_AGE = (0.9, 0.7, 1.2, 1.8)
CHRONIC_BY_AGE = (0.05, 0.25, 1.6, 3.2)
PHARMACY_BY_AGE = (0.5, 0.9, 1.1, 1.2)
STAYS_BY_AGE = (0.85, 0.6, 1.15, 2.6)
"""Use by age band relative to the mean (assumed)."""


def monthly_share(kind: str, scheme: str, month: int) -> float:
    """Share of the year's income or expenditure that falls in a month (1–12)."""
    curve = CUMULATIVE[kind, scheme]
    start = max(each for each in curve if each < month)
    end = min(each for each in curve if each >= month)
    return (curve[end] - curve[start]) / (end - start)


def at_year(path: tuple[float, ...], year: int) -> float:
    """The value of a path for a year of 2020–2025."""
    return path[year - YEARS[0]]
