"""What flows through the funds month by month: the ground of the ledger and of budgets.

Care is booked as it is cleared: seven tenths in the month after the settlement, the rest a month later.
What is missing to the calibrated path of the month stands in ``expenditure_other`` and says so in its
name; it may be negative. All arithmetic is in whole fen, so that every identity holds to the fen.
"""

from __future__ import annotations

import duckdb

from warehouse.synthetic import calibration as target
from warehouse.synthetic.anomaly import DEFICIT_COUNTY
from warehouse.synthetic.geography import PROVINCE
from warehouse.synthetic.plan import Period, Plan

ACCOUNT_PART_OF_BALANCE = 0.35
"""Personal accounts among the employee balance of 2020 (assumed)."""

INTEREST_PART = 0.02
"""Interest among the employee fund's income (assumed)."""

CLEARED_NEXT_MONTH = 7
"""Tenths of a month's settlements that are cleared in the following month (assumed)."""

DEFICIT_PERCENT, DEFICIT_STEP, DEFICIT_FLOOR = 60, 2, 15
"""Share of its subsidies and other income that the county with the deficit receives from two years before
the end, in percent: at first, less by a step each month, and at least."""


def collect(connection: duckdb.DuckDBPyConnection, plan: Plan, chunk: Period) -> None:
    """Add what the chunk's settlements cost the funds to ``base_cost_month``, in fen."""
    del plan, chunk  # the settlements at hand are those of the chunk
    connection.execute(
        """
        create table if not exists base_cost_month
            (m integer, county varchar, fund_code varchar, subject_code varchar, fen bigint);
        insert into base_cost_month
        with local as (
            select cast(date_diff('month', date '2020-01-01', setl_time) as integer) as m, insu_admdvs as county,
                insutype, med_type, cast(hifp_pay * 100 as bigint) + cast(hifob_pay * 100 as bigint) as pool,
                cast(hifmi_pay * 100 as bigint) as serious, cast(acct_pay * 100 as bigint) as account
            from settlement where out_flag <> '2'
        ),
        part as (
            select m, county, if(insutype = '310', 'employee_pool', 'resident') as fund_code,
                case med_type when '21' then 'expenditure_inpatient' when '52' then 'expenditure_maternity_medical'
                    when '14' then 'expenditure_chronic' else 'expenditure_outpatient' end as subject_code, pool as fen
            from local
            union all
            select m, county, 'resident', 'expenditure_serious_illness_premium', serious from local
            where insutype = '390'
            union all
            select m, county, 'employee_account',
                if(med_type = '41', 'expenditure_pharmacy', 'expenditure_account'), account from local
            where insutype = '310'
        )
        select m, county, fund_code, subject_code, cast(sum(fen) as bigint) from part
        group by m, county, fund_code, subject_code order by m, county, fund_code, subject_code
        """
    )


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """``base_flow`` (fen by month, county, fund, subject) and ``base_opening``, from what the months summed up."""
    _table(connection, "base_fund_path", _path(plan), "m, scheme, income, expenditure")
    connection.execute(f"create table base_fund_weight as {_weights()}")
    connection.execute(f"create table base_flow as {_flows(plan)}")
    _table(connection, "base_opening", _openings(plan), "fund_code, scheme, opening, adjust")


def _table(connection: duckdb.DuckDBPyConnection, name: str, values: str, columns: str) -> None:
    connection.execute(f"create table {name} as select * from (values {values}) as given({columns})")


def _fen(yuan_100m: float, plan: Plan) -> int:
    return round(yuan_100m * 1e10 * plan.share)


def _path(plan: Plan) -> str:
    """Income and expenditure of the province by month and scheme in fen."""
    return ", ".join(
        f"({(month.year - 2020) * 12 + month.month - 1}, '{scheme}', "
        + ", ".join(
            str(
                _fen(
                    target.at_year(path[scheme], month.year)
                    * target.monthly_share(kind, scheme, month.month),
                    plan,
                )
            )
            for kind, path in (("income", target.INCOME_100M), ("expenditure", target.EXPENDITURE_100M))
        )
        + ")"
        for month in plan.months
        for scheme in target.SCHEMES
    )


def _openings(plan: Plan) -> str:
    """Balance of each fund before the first month, and the adjustment of January 2024, in fen."""
    rows = []
    for scheme in target.SCHEMES:
        balance = target.OPENING_100M[scheme]
        for year in range(2020, plan.first.year):
            balance += target.at_year(target.INCOME_100M[scheme], year)
            balance -= target.at_year(target.EXPENDITURE_100M[scheme], year)
        for month in range(1, plan.first.month):
            for path, kind, sign in (
                (target.INCOME_100M, "income", 1),
                (target.EXPENDITURE_100M, "expenditure", -1),
            ):
                share = target.monthly_share(kind, scheme, month)
                balance += sign * target.at_year(path[scheme], plan.first.year) * share
        if (plan.first.year, plan.first.month) > (2024, 1):
            balance += target.REDEFINITION_100M[scheme]
        adjust = _fen(target.REDEFINITION_100M[scheme], plan)
        total = _fen(balance, plan)
        if scheme == "390":
            rows.append(f"('resident', '390', {total}, {adjust})")
        else:
            account = round(total * ACCOUNT_PART_OF_BALANCE)
            rows.append(f"('employee_pool', '310', {total - account}, {adjust})")
            rows.append(f"('employee_account', '310', {account}, 0)")
    return ", ".join(rows)


def _weights() -> str:
    """Relations by scheme and county at any time: the keys for what is booked by share."""
    return f"""
        select insutype as scheme, insu_admdvs as county, count(*) as weight from base_relation
        group by insutype, insu_admdvs
        union all
        select '310', '{PROVINCE}', 1
        where not exists (from base_relation where insutype = '310' and insu_admdvs = '{PROVINCE}')
    """


def _flows(plan: Plan) -> str:
    """All flows by month, county, fund and subject; the rest to the path by weight, exact in total."""
    deficit_from = (plan.last.year - 2021) * 12
    now, next_ = CLEARED_NEXT_MONTH, 10 - CLEARED_NEXT_MONTH
    return f"""
        with cleared as (
            select base_month.m, cost.county, cost.fund_code, cost.subject_code,
                cast(sum(if(base_month.m - cost.m = 1, cost.fen * {now}, cost.fen * {next_})) as bigint) // 10 as fen
            from base_cost_month as cost
            join base_month on base_month.m - cost.m in (1, 2)
            group by base_month.m, cost.county, cost.fund_code, cost.subject_code
        ),
        paid_in as (
            select cast(left(ym, 4) as integer) * 12 + cast(right(ym, 2) as integer) - 1 - 2020 * 12 as m, county,
                insutype as scheme, employer, individual
            from base_income
        ),
        booked as (
            select * from cleared
            union all
            select m, county, 'employee_pool', 'income_employer', employer from paid_in where scheme = '310'
            union all
            select m, county, if(scheme = '310', 'employee_account', 'resident'), 'income_individual', individual
            from paid_in
        ),
        known as (
            select m, if(fund_code = 'resident', '390', '310') as scheme,
                cast(sum(if(subject_code like 'income%', fen, 0)) as bigint) as income,
                cast(sum(if(subject_code like 'income%', 0, fen)) as bigint) as expenditure
            from booked group by m, if(fund_code = 'resident', '390', '310')
        ),
        missing as (
            select path.m, path.scheme, path.income as path_income,
                path.income - coalesce(known.income, 0) as income,
                path.expenditure - coalesce(known.expenditure, 0) as expenditure
            from base_fund_path as path left join known using (m, scheme)
        ),
        rest as (
            select m, scheme, if(scheme = '390', 'resident', 'employee_pool') as fund_code,
                'expenditure_other' as subject_code, expenditure as fen, false as is_tilted from missing
            union all
            select m, scheme, 'resident', 'income_subsidy', income, true from missing where scheme = '390'
            union all
            select m, scheme, 'employee_pool', 'income_interest',
                cast(round(path_income * {INTEREST_PART}) as bigint), false
            from missing where scheme = '310'
            union all
            select m, scheme, 'employee_pool', 'income_other',
                income - cast(round(path_income * {INTEREST_PART}) as bigint), true
            from missing where scheme = '310'
        ),
        weighted as (
            select rest.*, county, weight * if(is_tilted and county = '{DEFICIT_COUNTY}' and m >= {deficit_from},
                greatest({DEFICIT_PERCENT} - {DEFICIT_STEP} * (m - {deficit_from}), {DEFICIT_FLOOR}), 100) as weight
            from rest join base_fund_weight using (scheme)
        ),
        shared as (
            select m, county, fund_code, subject_code, fen,
                cast(fen as hugeint) * weight
                    // cast(sum(weight) over (partition by m, fund_code, subject_code) as bigint) as part,
                row_number() over (partition by m, fund_code, subject_code order by weight desc, county) as place
            from weighted
        ),
        exact as (
            select m, county, fund_code, subject_code,
                cast(part + if(place = 1, fen - sum(part) over (partition by m, fund_code, subject_code), 0) as bigint)
                    as fen
            from shared
        )
        select * from booked union all select * from exact
    """
