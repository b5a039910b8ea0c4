"""The gate for figures: each measure has a disclosure rule, or nothing is released.

Without a rule the models of ``dbt_project/models/disclosure`` show no figure made of a measure; here the
operator is told which they are, so that nobody looks for a figure that a missing line of a seed has hidden.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.connections import CLOSED_WORLD
from warehouse.release.files import quoted
from warehouse.texts import Refused

RULE_FILE = "seeds/indicator/measure.csv"
LACKING = """
    with used as (
        select measure_key from source.indicator.measure
        union
        select numerator_measure from source.indicator.formula
        union
        select denominator_measure from source.indicator.formula where denominator_measure <> ''
    )
    select measure_key from used
    where measure_key not in (select measure_key from source.disclosure.dsc_rules)
    order by measure_key
"""


def check_rules(build: Path) -> None:
    """Refuse a release with a measure that no complete disclosure rule covers; the sentence names each."""
    with duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
        connection.execute(f"attach '{quoted(build)}' as source (read_only)")
        lacking = [row[0] for row in connection.execute(LACKING).fetchall()]
    if lacking:
        raise Refused(
            f"以下度量没有完整的披露规则，用到它们的数一律不公布，不能发布：{'、'.join(lacking)}。"
            f"请在 {RULE_FILE} 写明 disclosure_rule："
            "count、rank 须有 count_measures 和不小于 5 的 least_count，none 须有理由。",
            f"No complete disclosure rule covers {', '.join(lacking)}; figures made of them are withheld and "
            f"nothing is released. Say disclosure_rule in {RULE_FILE}: count and rank need count_measures and a "
            "least_count of 5 or more, none needs a reason.",
        )
