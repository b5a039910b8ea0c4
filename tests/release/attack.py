"""An attacker with a release file: what linear algebra gives back of the hidden cells.

The unknowns are the counts of each county, scheme and month; every shown number that is a sum of
them is an equation (county or province, scheme or all, month, quarter, year to date, year, twelve
months). A hidden cell is given away when it is a combination of equations.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path

import duckdb
import numpy as np

SHOWN = """
    select formula.{part}_measure as measure_key, value.region_code, value.scheme_code,
        value.period_basis, value.period_start, value.period_end, value.{part} as number
    from indicator.{table} as value
    inner join indicator.formula
        on value.metric_key = formula.metric_key and value.variant = formula.variant
        and value.fund_scope = formula.fund_scope
        and formula.scheme_set in ('each_all', value.scheme_code)
    where value.data_origin <> 'published' and value.{part} is not null
        and formula.{part}_span = 'sum' and formula.{part}_measure = ?
"""
COUNTS = """
    select region_code, scheme_code, month_end, cast(number as bigint) as number
    from measure.msr_month
    where measure_key = ? and scheme_code <> 'all' and region_code <> '460000'
        and data_origin <> 'published'
"""


def given_away(
    release_files: list[Path], build: Path, measure: str, least: int = 5, table: str = "value"
) -> list[str]:
    """The small cells (county, scheme, month) that the shown numbers of the files determine.

    ``build`` is the build database, for the true counts. Later files are taken to describe the same
    counts as earlier ones.
    """
    with duckdb.connect(str(build), read_only=True) as connection:
        true = connection.execute(COUNTS, [measure]).fetchall()
    unknowns = sorted({(region, scheme, month) for region, scheme, month, _ in true})
    place = {unknown: number for number, unknown in enumerate(unknowns)}
    equations = set()
    for path in release_files:
        with duckdb.connect(str(path), read_only=True) as connection:
            for part in ("numerator", "denominator"):
                rows = connection.execute(SHOWN.format(part=part, table=table), [measure]).fetchall()
                equations |= {(region, scheme, start, end) for _, region, scheme, _, start, end, _ in rows}
    matrix = _matrix(equations, unknowns, place)
    if not len(matrix):
        return []
    basis = _row_space(matrix)
    small = [(region, scheme, month) for region, scheme, month, number in true if 0 < number < least]
    columns = basis[:, [place[each] for each in small]]
    determined = np.isclose((columns**2).sum(axis=0), 1.0, atol=1e-6)
    return [f"{each}" for each, is_known in zip(small, determined, strict=True) if is_known]


def _matrix(
    equations: set[tuple[str, str, date, date]],
    unknowns: list[tuple[str, str, date]],
    place: dict[tuple[str, str, date], int],
) -> np.ndarray:
    by_month = defaultdict(list)
    for unknown in unknowns:
        by_month[unknown[2]].append(unknown)
    rows = np.zeros((len(equations), len(unknowns)))
    for number, (region, scheme, start, end) in enumerate(sorted(equations)):
        for month, members in by_month.items():
            if start <= month <= end:
                for each in members:
                    if region in ("460000", each[0]) and scheme in ("all", each[1]):
                        rows[number, place[each]] = 1
    return rows


def _row_space(matrix: np.ndarray) -> np.ndarray:
    """An orthonormal basis of the row space; a unit vector in it has a squared norm of one there."""
    _, sizes, vectors = np.linalg.svd(matrix, full_matrices=False)
    return vectors[sizes > 1e-8 * sizes[0]]
