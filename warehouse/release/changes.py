"""What changed between two releases: figure by figure, old and new, with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.connections import CLOSED_WORLD
from warehouse.release.files import quoted
from warehouse.release.pointer import PROVINCE, Release

REASONS = {
    "new_data": ("新数据", "new data"),
    "completion": ("初步数补全", "a preliminary figure completed"),
    "restatement": ("修订", "restatement"),
    "definition": ("口径变更", "definition"),
    "method": ("程序变更", "program"),
    "withdrawn": ("撤下", "withdrawn"),
    "finalised": ("转为终审", "finalised"),
}
"""Why a figure differs; in ``changes.parquet`` and in the manifest."""

SHOWN = """
    select *
    from {database}.indicator.value
    where value is not null
    qualify row_number() over (
        partition by
            metric_key, variant, region_code, scheme_code, fund_scope, period_basis, period_end, data_origin
        order by report_status = 'final' desc, known_on desc, report_status
    ) = 1
"""
DEFINED = """
    select
        registry.metric_key,
        sum(hash(registry)::hugeint) + coalesce(sum(hash(formula)::hugeint), 0) as definition
    from {database}.indicator.registry
    left join {database}.indicator.formula on registry.metric_key = formula.metric_key
    group by registry.metric_key
"""
COMPARED = """
    with old as ({old}), new as ({new}), old_defined as ({old_defined}), new_defined as ({new_defined})
    select
        metric_key,
        variant,
        region_code,
        scheme_code,
        fund_scope,
        period_basis,
        period_end,
        data_origin,
        coalesce(new.unit, old.unit) as unit,
        old.value as old_value,
        new.value as new_value,
        old.report_status as old_status,
        new.report_status as new_status,
        old.known_on as old_known_on,
        new.known_on as new_known_on,
        case
            when old.value is null then 'new_data'
            when new.value is null then 'withdrawn'
            when old.value = new.value then 'finalised'
            when old_defined.definition is distinct from new_defined.definition then 'definition'
            when not {has_other_inputs} then 'method'
            when
                old.report_status = 'preliminary'
                or old.completeness < 1
                or contains(old.quality_flag, 'provisional')
                then 'completion'
            else 'restatement'
        end as reason
    from old
    full join new using (
        metric_key, variant, region_code, scheme_code, fund_scope, period_basis, period_end, data_origin
    )
    left join old_defined using (metric_key)
    left join new_defined using (metric_key)
    where
        old.value is distinct from new.value
        or (old.report_status <> 'final' and new.report_status = 'final')
    order by all
"""


def differences(old: Release, new: Release, *, has_other_inputs: bool, scope: str = PROVINCE) -> pa.Table:
    """One row per figure that differs between two releases' files of one scope, the province's by default.

    Columns: the figure's key, unit, old and new value, status and delivery, and ``reason`` (a key of
    ``REASONS``). ``has_other_inputs`` says whether the two were built from other batches or dates.
    """
    with duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
        connection.execute(f"attach '{quoted(old.file(scope))}' as old_release (read_only)")
        connection.execute(f"attach '{quoted(new.file(scope))}' as new_release (read_only)")
        query = COMPARED.format(
            old=SHOWN.format(database="old_release"),
            new=SHOWN.format(database="new_release"),
            old_defined=DEFINED.format(database="old_release"),
            new_defined=DEFINED.format(database="new_release"),
            has_other_inputs=str(has_other_inputs).lower(),
        )
        return connection.sql(query).to_arrow_table()


def compare(old: Release, new: Release, target: Path, manifest: dict[str, Any]) -> None:
    """Write the differences of a release that is being written to the release before it."""
    table = differences(old, new, has_other_inputs=_inputs_differ(old.manifest(), manifest))
    with duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
        connection.register("differences", table)
        connection.execute(f"copy differences to '{quoted(target)}' (format parquet)")


def difference_of(old: Release, new: Release, scope: str = PROVINCE) -> pa.Table:
    """The differences between any two releases on disk, in the file of one scope."""
    has_other_inputs = _inputs_differ(old.manifest(), new.manifest())
    return differences(old, new, has_other_inputs=has_other_inputs, scope=scope)


def count_reasons(path: Path) -> dict[str, int]:
    """How many figures differ for each reason."""
    with duckdb.connect(config=dict(CLOSED_WORLD)) as connection:
        rows = connection.execute(
            f"select reason, count(*) from '{quoted(path)}' group by reason order by reason"
        ).fetchall()
    return dict(rows)


def _inputs_differ(old: dict[str, Any], new: dict[str, Any]) -> bool:
    old_inputs, new_inputs = (
        ([str(each) for each in manifest["batches"]], str(manifest["requested"])) for manifest in (old, new)
    )
    return old_inputs != new_inputs
