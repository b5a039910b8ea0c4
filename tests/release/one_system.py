"""An attacker who puts all that a release shows into one linear system: ratios, both their parts, sums, definitions.

The unknowns are the monthly numbers of every measure, of each county and of the province's own unit. Equations are
every numerator and denominator that is shown (the value of a ratio says no more), the sums over counties, schemes and
months that they stand for, and what measures have to do with each other by their definitions. A cell is given away
when it is a combination of the equations: then it is the same in every solution, so it is zero in every vector that
leaves them all as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np

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
Cell = tuple[str, str, str, object]
"""Measure, region, scheme and month."""


class Shown(NamedTuple):
    """A sum that a file shows: measure, region, scheme, first and last day."""

    measure: str
    region: str
    scheme: str
    start: object
    end: object


def shown_by(file: Path, measures: Iterable[str], table: str = "value") -> set[Shown]:
    """Every numerator and denominator that the file shows."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return {
            Shown(*row)
            for name in ("numerator", "denominator")
            for row in connection.execute(
                SHOWN.format(part=name, table=table), {"measures": list(measures)}
            ).fetchall()
        }


def given_away(
    shown: set[Shown], measures: list[str], places: list[tuple[str, str, object]], seed: int = 1
) -> set[Cell]:
    """The cells (measure, region, scheme, month) that follow from the shown sums and the identities."""
    cell = {(m, *place): n for n, (m, place) in enumerate((m, p) for m in measures for p in places)}
    rows: list[int] = []
    columns: list[int] = []
    factors: list[float] = []
    count = 0
    for whole, sums in IDENTITIES.items():
        for parts in sums:
            for place in places:
                rows += [count] * (len(parts) + 1)
                columns += [cell[whole, *place], *(cell[each, *place] for each in parts)]
                factors += [-1.0, *[1.0] * len(parts)]
                count += 1
    for each in sorted(shown, key=str):
        members = [
            cell[each.measure, *place]
            for place in places
            if each.region in ("460000", place[0])
            and each.scheme in ("all", place[1])
            and each.start <= place[2] <= each.end  # type: ignore[operator]
        ]
        rows += [count] * len(members)
        columns += members
        factors += [1.0] * len(members)
        count += 1
    free = _null_vector(np.array(rows), np.array(columns), np.array(factors), count, len(cell), seed)
    return {name for name, place in cell.items() if abs(free[place]) < 1e-6}


def _null_vector(
    rows: np.ndarray, columns: np.ndarray, factors: np.ndarray, height: int, width: int, seed: int
) -> np.ndarray:
    """A random vector without its part in the row space (CGLS): where it is zero, every solution is the same."""
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
