"""What the generated province shows for each calibrated number (``calibration.csv``)."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.synthetic import measures
from warehouse.synthetic.plan import Period, Plan


def collect(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> None:
    """Add the chunk's settlements by year, scheme, kind and level to ``base_measured``; yuan in fen."""
    del plan, chunk  # the settlements at hand are those of the chunk
    connection.execute(
        """
        create table if not exists base_measured (year integer, insutype varchar, kind varchar, level varchar,
            pay_loc varchar, is_valid boolean, visits bigint, fee bigint, scope bigint, basic bigint, fund bigint,
            days bigint);
        insert into base_measured
        select year(setl_time), insutype, if(med_type = '52', '21', med_type),
            case when hosp_lv < '05' then '3' when hosp_lv < '08' then '2' when hosp_lv < '11' then '1' else '0' end,
            if(fixmedins_code not like '_46%', if(setl_type = '1', 'manual', 'outside'), 'inside'),
            refd_setl_flag = '0', count(*), cast(sum(cast(medfee_sumamt * 100 as bigint)) as bigint),
            cast(sum(cast(inscp_amt * 100 as bigint)) as bigint),
            cast(sum(cast((hifp_pay + hifob_pay + hifmi_pay) * 100 as bigint)) as bigint),
            cast(sum(cast(fund_pay_sumamt * 100 as bigint)) as bigint),
            cast(sum(enddate - begndate) as bigint)
        from settlement where out_flag <> '2' group by all
        """
    )


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``base_calibration``: name, target, generated, unit, evidence."""
    connection.execute(
        f"""
        create table base_calibration
            (name varchar, target double, generated double, unit varchar, evidence varchar);
        create table base_insured as
        select base_month.m, year, insutype, insu_admdvs as county, count(*) as persons
        from base_relation join base_month on m >= begin_m and m < end_m
        group by base_month.m, year, insutype, insu_admdvs;
        create view base_heads as
        select year, insutype, sum(persons) / count(distinct m) as heads from base_insured
        where year in ({", ".join(map(str, _full_years(plan)))}) group by year, insutype
        """
    )
    for year in _full_years(plan):
        for query in (*measures.use(year), *measures.money(year, plan), *measures.size(year, plan)):
            connection.execute(f"insert into base_calibration {query}")
    for query in measures.structure(plan):
        connection.execute(f"insert into base_calibration {query}")


def write(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write ``calibration.csv``."""
    connection.execute(
        f"copy (select name, round(target, 4) as target, round(generated, 4) as generated, unit, evidence "
        f"from base_calibration order by name) to '{out / 'calibration.csv'}' (format csv, header true)"
    )


def _full_years(plan: Plan) -> tuple[int, ...]:
    counts = {year: sum(month.year == year for month in plan.months) for year in plan.years}
    return tuple(year for year, count in counts.items() if count == 12) or (0,)
