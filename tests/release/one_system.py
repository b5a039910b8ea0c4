"""An attacker who puts all that a release shows into one linear system: ratios, both their parts, sums, definitions.

The unknowns are the monthly numbers of every measure, of each county and of the province's own unit. Equations are
every numerator and denominator that is shown (the value of a ratio says no more), the sums over counties, schemes and
months that they stand for, and what measures have to do with each other by their definitions. A cell is given away
when it is a combination of the equations: then it is the same in every solution, so it is zero in every vector that
leaves them all as they are.
"""

from __future__ import annotations

import csv
from collections.abc import Hashable, Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
from small_province import opened

from warehouse.settings import SEEDS

IP = "service_code in ('ip', 'maternity_ip')"
OP, OPSP, PHARMACY = "service_code = 'op'", "service_code = 'opsp'", "service_code = 'pharmacy'"
OWN_UNIT = "own_unit"


def part(amount: str, condition: str) -> str:
    return f"(case when {condition} then {amount} else 0 end)"


OTHER_FUNDS = "disabled_servicemen_yuan + other_fund_yuan"
REST = {
    "ip_hospital": part("hospital_part_yuan", IP),
    "ip_other_funds": part(OTHER_FUNDS, IP),
    "ip_civil": part("civil_servant_yuan + employer_supplement_yuan", IP),
    "ip_supplement": part(
        "case when cell.scheme_code = 'employee' then large_sum_yuan else serious_illness_yuan end", IP
    ),
    "ip_outside_pool": part("pool_yuan", IP + " and area_code = 'outside'"),
    "ip_prior": part("fee_yuan - own_expense_yuan - over_limit_yuan - policy_scope_yuan", IP),
    "ip_elsewhere_fund": part("fund_yuan", IP + " and area_code not in ('county', 'outside')"),
    "ip_other_method_fee": part(
        "fee_yuan", IP + " and payment_method not in ('by_disease', 'by_item', 'by_day')"
    ),
    "op_funds": part("fund_yuan", OP),
    "op_hospital": part("hospital_part_yuan", OP),
    "opsp_funds": part("fund_yuan", OPSP),
    "opsp_hospital": part("hospital_part_yuan", OPSP),
    "opsp_beyond": part("assistance_yuan + " + OTHER_FUNDS, OPSP),
    "pharmacy_funds": part("fund_yuan", PHARMACY),
    "pharmacy_hospital": part("hospital_part_yuan", PHARMACY),
    **{
        f"other_service_{name}": part(
            amount, "service_code not in ('ip', 'maternity_ip', 'op', 'opsp', 'pharmacy')"
        )
        for name, amount in {
            "fee": "fee_yuan",
            "person": "person_yuan",
            "selfpay": "person_yuan - own_expense_yuan - over_limit_yuan",
            "own_expense": "own_expense_yuan + over_limit_yuan",
        }.items()
    },
    "other_by_item_fee": part("fee_yuan", f"not ({IP}) and payment_method = 'by_item'"),
}
"""What is shown nowhere, but stands between measures that are; amounts of one settlement."""
IDENTITIES: dict[str, list[list[str]]] = {
    "ip_fee": [
        ["ip_fund", "ip_person", "ip_hospital"],
        ["ip_catalogue_fee", "ip_own_expense"],
        ["ip_by_disease_fee", "ip_by_item_fee", "ip_by_day_fee", "ip_other_method_fee"],
    ],
    "ip_person": [["ip_selfpay", "ip_own_expense"]],
    "ip_fund": [
        ["ip_paid_all", "assistance_ip_paid", "ip_other_funds"],
        ["ip_county_fund", "ip_outside_fund", "ip_elsewhere_fund"],
    ],
    "ip_paid_all": [["ip_paid_basic_plus", "ip_civil"]],
    "ip_paid_basic_plus": [["ip_paid_basic", "ip_supplement"]],
    "ip_paid_basic": [["ip_pool_in_province", "ip_outside_pool"]],
    "ip_catalogue_fee": [["ip_policy_scope", "ip_prior"]],
    "ip_visits": [["ip_county_visits", "ip_outside_visits", "ip_elsewhere_visits"]],
    "fee": [["ip_fee", "op_fee", "opsp_fee", "pharmacy_fee", "other_service_fee"]],
    "person": [["ip_person", "op_person", "opsp_person", "pharmacy_person", "other_service_person"]],
    "selfpay": [["ip_selfpay", "op_selfpay", "opsp_selfpay", "pharmacy_selfpay", "other_service_selfpay"]],
    "own_expense": [
        [
            "ip_own_expense",
            "op_own_expense",
            "opsp_own_expense",
            "pharmacy_own_expense",
            "other_service_own_expense",
        ]
    ],
    "visits": [["ip_visits", "op_visits", "opsp_visits", "pharmacy_visits", "other_service_visits"]],
    "maternity_visits": [["maternity_ip_visits", "other_service_visits"]],
    "op_fee": [["op_person", "op_funds", "op_hospital"]],
    "op_person": [["op_selfpay", "op_own_expense"]],
    "opsp_fee": [["opsp_person", "opsp_funds", "opsp_hospital"]],
    "opsp_funds": [["opsp_paid", "opsp_beyond"]],
    "opsp_person": [["opsp_selfpay", "opsp_own_expense"]],
    "pharmacy_fee": [["pharmacy_person", "pharmacy_funds", "pharmacy_hospital"]],
    "pharmacy_person": [["pharmacy_selfpay", "pharmacy_own_expense"]],
    "fee_by_item": [["ip_by_item_fee", "other_by_item_fee"]],
    "assistance_visits": [["assistance_ip_visits", "assistance_op_visits"]],
    "assistance_paid": [["assistance_ip_paid", "assistance_op_paid"]],
}
SHOWN = """
    select formula.{part}_measure as measure, value.region_code, value.scheme_code, value.period_start, value.period_end
    from indicator.{table} as value
    inner join indicator.formula
        on value.metric_key = formula.metric_key and value.variant = formula.variant
        and value.fund_scope = formula.fund_scope and formula.scheme_set in ('each_all', value.scheme_code)
    where value.data_origin <> 'published' and value.{part} is not null and formula.{part}_span = 'sum'
        and formula.{part}_measure in (select unnest($measures))
    group by all
"""
Cell = tuple[str, str, str, date]
"""Measure, region, scheme and month."""


class Shown(NamedTuple):
    """A sum that a file shows: measure, region, scheme, first and last day."""

    measure: str
    region: str
    scheme: str
    start: date
    end: date


def shown_by(file: Path, measures: Iterable[str], table: str = "value") -> set[Shown]:
    """Every numerator and denominator that the file shows."""
    with opened(file) as connection:
        return {
            Shown(*row)
            for name in ("numerator", "denominator")
            for row in connection.execute(
                SHOWN.format(part=name, table=table), {"measures": list(measures)}
            ).fetchall()
        }


class Equations:
    """Sums of cells that are known; a cell is any name."""

    def __init__(self) -> None:
        self._place: dict[Hashable, int] = {}
        self._rows: list[int] = []
        self._columns: list[int] = []
        self._factors: list[float] = []
        self._height = 0

    def add(self, terms: Iterable[tuple[Hashable, float]]) -> None:
        """A sum of cells, each with its factor, of which the value is known (what it is does not matter)."""
        for cell, factor in terms:
            self._rows.append(self._height)
            self._columns.append(self._place.setdefault(cell, len(self._place)))
            self._factors.append(factor)
        self._height += 1

    def known(self, seed: int = 1) -> set[Hashable]:
        """The cells that are the same in every solution."""
        free = _null_vector(
            np.array(self._rows),
            np.array(self._columns),
            np.array(self._factors),
            (self._height, len(self._place)),
            seed,
        )
        return {cell for cell, place in self._place.items() if abs(free[place]) < 1e-6}


def given_away(shown: set[Shown], places: list[tuple[str, str, object]]) -> set[Hashable]:
    """The cells (measure, region, scheme, month) that follow from the shown sums and the identities."""
    equations = Equations()
    for whole, sums in IDENTITIES.items():
        for parts in sums:
            for place in places:
                equations.add([((whole, *place), -1.0), *(((each, *place), 1.0) for each in parts)])
    for each in sorted(shown, key=str):
        equations.add(
            ((each.measure, *place), 1.0)
            for place in places
            if each.region in ("460000", place[0])
            and each.scheme in ("all", place[1])
            and each.start <= place[2] <= each.end
        )
    return equations.known()


def _null_vector(
    rows: np.ndarray, columns: np.ndarray, factors: np.ndarray, shape: tuple[int, int], seed: int
) -> np.ndarray:
    """A random vector without its part in the row space (CGLS): where it is zero, every solution is the same."""
    height, width = shape
    lengths = np.sqrt(np.bincount(rows, factors**2, height))
    factors = factors / lengths[rows]

    def times(vector: np.ndarray) -> np.ndarray:
        return np.bincount(rows, factors * vector[columns], height)

    def transposed(vector: np.ndarray) -> np.ndarray:
        return np.bincount(columns, factors * vector[rows], width)

    begun = np.random.default_rng(seed).standard_normal(width)
    found, left = np.zeros(width), times(begun)
    slope = transposed(left)
    step, size = slope, float(slope @ slope)
    enough = 1e-22 * size
    while size > enough:
        image = times(step)
        length = size / float(image @ image)
        found += length * step
        left -= length * image
        slope = transposed(left)
        before, size = size, float(slope @ slope)
        step = slope + size / before * step
    return begun - found


VALUES_OF_FUNDS = """
    select formula.{part}_measure, formula.{part}_span, formula.{scope}, value.region_code, value.scheme_code,
        value.period_start, value.period_end
    from indicator.value
    inner join indicator.formula
        on value.metric_key = formula.metric_key and value.variant = formula.variant
        and value.fund_scope = formula.fund_scope and formula.scheme_set in ('each_all', value.scheme_code)
    where value.data_origin <> 'published' and value.{part} is not null
        and formula.{part}_measure in ('fund_income', 'fund_expense', 'fund_current', 'fund_closing')
"""
GROWTH = """
    select regexp_replace(metric_key, '_growth$', '') as measure, variant, fund_scope, region_code, scheme_code,
        period_start, period_end
    from indicator.value
    where data_origin <> 'published' and ends_with(metric_key, '_growth') and value is not null
        and metric_key in ('fund_income_growth', 'fund_expense_growth')
"""
LINES = """
    select region_code, fund_code, scheme_code, fund_scope, subject_kind, subject_code, month_end, amount_yuan
    from fund.ledger where data_origin <> 'published'
"""


def accounts_given_away(file: Path, build: Path) -> tuple[set[Hashable], set[Hashable]]:
    """Lines of the ledger and monthly income and expenditure of accounts: what is withheld, and what follows.

    Known are the lines of the ledger and the months of accounts that are shown, each indicator of funds with both its
    parts, growth with the value of the year or month before, and that balances move by income less expenditure.
    """
    with duckdb.connect(str(build), read_only=True) as connection:
        lines = connection.execute(LINES).fetchall()
    with opened(file) as connection:
        shown_lines = {
            row[:7] for row in connection.execute(LINES + " and amount_yuan is not null").fetchall()
        }
        months = connection.execute(
            "select region_code, fund_code, month_end, income_yuan is not null, expense_yuan is not null,"
            " closing_balance_yuan is not null from fund.month where data_origin <> 'published'"
        ).fetchall()
        values = [
            row
            for part, scope in (("numerator", "fund_scope"), ("denominator", "denominator_scope"))
            for row in connection.execute(VALUES_OF_FUNDS.format(part=part, scope=scope)).fetchall()
        ]
        growth = connection.execute(GROWTH).fetchall()
    equations = Equations()
    funds = {(row[1], row[2], row[3]) for row in lines}
    places = {(row[0], row[1], row[6]) for row in lines}
    of_account: dict[Hashable, list[tuple[Hashable, float]]] = {}
    for row in lines:
        account = (row[4], row[0], row[1], row[6])
        of_account.setdefault(account, []).append((("line", *row), 1.0))
        if row[:7] in shown_lines:
            equations.add([(("line", *row), 1.0)])
    for account, parts in of_account.items():
        equations.add([(account, -1.0), *parts])
    months_of = sorted({month for _, _, month in places})
    before = dict(zip(months_of[1:], months_of, strict=False))
    for region, fund, month in places:
        moved = [
            (("closing", region, fund, month), -1.0),
            (("income", region, fund, month), 1.0),
            (("expenditure", region, fund, month), -1.0),
        ]
        if month in before:
            equations.add([*moved, (("closing", region, fund, before[month]), 1.0)])
    for region, fund, month, *are_shown in months:
        for kind, is_shown in zip(("income", "expenditure", "closing"), are_shown, strict=True):
            if is_shown:
                equations.add([((kind, region, fund, month), 1.0)])

    def total(measure: str, scope: str, region: str, scheme: str, chosen_months: list[date]) -> None:
        chosen = {
            fund
            for fund, of_scheme, of_scope in funds
            if (scope == "total" or of_scope == scope) and scheme in ("all", of_scheme)
        }
        kinds = {
            "fund_income": [("income", 1.0)],
            "fund_expense": [("expenditure", 1.0)],
            "fund_current": [("income", 1.0), ("expenditure", -1.0)],
            "fund_closing": [("closing", 1.0)],
        }[measure]
        equations.add(
            ((kind, of, fund, month), factor)
            for of, fund, month in places
            if fund in chosen and region in ("460000", of) and month in chosen_months
            for kind, factor in kinds
        )

    def between(start: date, end: date, back: int = 0) -> list[date]:
        chosen = [n for n, month in enumerate(months_of) if start <= month <= end]
        return [months_of[n - back] for n in chosen if n >= back]

    for measure, span, scope, region, scheme, start, end in values:
        last = between(end, end)
        if span == "t12" and last:
            last = months_of[max(0, months_of.index(end) - 11) : months_of.index(end) + 1]
        total(measure, scope, region, scheme, between(start, end) if span == "sum" else last)
    for measure, variant, scope, region, scheme, start, end in growth:
        total(measure, scope, region, scheme, between(start, end))
        total(measure, scope, region, scheme, between(start, end, 1 if variant == "month_on_month" else 12))
    shown_months = {
        (kind, region, fund, month)
        for region, fund, month, *are_shown in months
        for kind, is_shown in zip(("income", "expenditure"), are_shown, strict=False)
        if is_shown
    }
    with (SEEDS / "reference" / "ledger_rule.csv").open(encoding="utf-8", newline="") as stream:
        nobodys = {row["subject_code"] for row in csv.DictReader(stream) if row["disclosure_rule"] == "none"}
    withheld: set[Hashable] = {
        ("line", *row) for row in lines if row[7] and row[5] not in nobodys and row[:7] not in shown_lines
    }
    # an indicator may show an expenditure of many whose account is withheld for an income of few
    shown_months |= {
        (kind, region, fund, end)
        for measure, span, scope, region, scheme, start, end in values
        for name, kind in (("fund_income", "income"), ("fund_expense", "expenditure"))
        for fund, of_scheme, of_scope in funds
        if measure == name and span == "sum" and between(start, end) == [end]
        if (of_scheme, of_scope) == (scheme, scope)
    }
    withheld |= {
        account
        for account, parts in of_account.items()
        if account not in shown_months and any(cell[8] for cell, _ in parts)  # type: ignore[index]
    }
    return withheld, withheld & equations.known()
