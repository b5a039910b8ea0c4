"""Population figures that the bureau receives (F22): the published ones of 2020, made as small as the province."""

from __future__ import annotations

import duckdb

from warehouse.settings import SEEDS
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Plan


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``reference_figure`` from the published population of the counties, times the size of the province."""
    insert(
        connection,
        "reference_figure",
        f"""
        select region_code as admdvs, 2020 as year, indicator_code as indicator,
            if(indicator_code = 'registered_population', '户籍', '七普修订') as caliber,
            cast(round(cast(printed_value as double) * {plan.share!r}) as decimal(24, 6)) as value,
            '人' as unit, date '2021-05-13' as revised_on,
            source_title || '(按虚构省的人数缩放)' as source_doc
        from read_csv('{SEEDS / "published/population.csv"}', header = true, all_varchar = true)
        where indicator_code in ('registered_population', 'resident_population') and printed_unit = 'persons'
            and region_code in (select region_code from base_county)
            and period_end in ('2020-11-01', '2020-12-31') and source_id = 'wiki_pop'
        order by region_code, indicator_code
        """,
    )
