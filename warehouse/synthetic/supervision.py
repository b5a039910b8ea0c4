"""F12 inspections and F13 recoveries: every institution is looked at every year, one in seven handled."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Plan
from warehouse.synthetic.yearly_path import (
    FINES_YUAN_A_YEAR,
    HANDLED_INSTITUTION_SHARE,
    RECOVERED_YUAN,
    by_year,
)

FINED_SHARE = 0.08
NOT_FLOWN_IN_2021 = ("460100", "469002")
"""The provincial flying inspection of 2021 left out Haikou and Qionghai (published)."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``inspection`` and ``recovery`` from the institutions."""
    connection.execute(f"create or replace table base_case as {_cases(plan)}")
    insert(connection, "inspection", _inspections(plan))
    insert(connection, "recovery", _recoveries(plan))


def _cases(plan: Plan) -> str:
    """One row an institution and year: day, kind, whether something was found, and how much."""
    left_out = ", ".join(f"'{code}'" for code in NOT_FLOWN_IN_2021)
    keys = ("fixmedins_code", "year")
    day, kind = plan.uniform("inspection day", *keys), plan.uniform("inspection kind", *keys)
    found, size = plan.uniform("inspection found", *keys), plan.uniform("inspection size", *keys)
    return f"""
        with institution as (
            select fixmedins_code, min(begndate) as opened, max(coalesce(enddate,
                date '9999-12-31')) as closed,
                arg_max(fixmedins_name, valid_from) as fixmedins_name,
                arg_max(fix_blng_admdvs, valid_from) as admdvs
            from institution where fix_blng_admdvs like '46%' group by fixmedins_code
        ),
        seen as (
            select institution.*, year, greatest(opened, make_date(year, 1, 5),
                date '{plan.first}') as earliest,
                least(closed, make_date(year, 12, 20), date '{plan.last}') as latest
            from institution, range({plan.first.year}, {plan.last.year} + 1) as years(year)
        ),
        visited as (
            select *, cast(earliest + cast(floor({day} * (latest - earliest + 1)) as integer) as date)
                as begin_date,
                row_number() over (partition by admdvs, year order by {kind}, fixmedins_code) = 1
                    and not (year = 2021 and admdvs in ({left_out})) as is_flown,
                {kind} as kind, {found} < {HANDLED_INSTITUTION_SHARE} as is_found,
                cast(0.05 - ln(1 - {size}) * if(fixmedins_code like 'H%', 1, 0.2) as decimal(12, 6)) as size
            from seen where earliest <= latest
        )
        select *,
            'JC' || year || admdvs || lpad(cast(row_number() over (
                partition by admdvs, year order by begin_date, fixmedins_code) as varchar), 5,
                    '0') as case_no,
            case when is_flown then '飞检' when kind < 0.62 then '日常' when kind < 0.78 then '专项'
                when kind < 0.90 then '双随机' when kind < 0.94 then '重点' when kind < 0.97 then '专家'
                else '举报' end as check_type,
            if(is_found, cast(round({plan.share} * {by_year("year", RECOVERED_YUAN)} * 1.06
                * size / sum(if(is_found, size, 0)) over (partition by year), 2) as decimal(16, 2)),
                    null) as due,
            cast(begin_date + cast(20 + floor({size} * 90) as integer) as date) as close_date
        from visited
    """


def _inspections(plan: Plan) -> str:
    """A row a case and action; cases without a finding have one row without an action."""
    pick = plan.uniform("inspection action", "case_no")
    fined = plan.uniform("inspection fine", "case_no")
    fine = FINES_YUAN_A_YEAR * plan.share
    return f"""
        with chosen as (
            select *, {fined} < {FINED_SHARE} and is_found as is_fined, {pick} as pick from base_case
        ),
        fined as (
            select *, cast(round({fine} * size / sum(if(is_fined, size, null)) over (partition by year), 2)
                as decimal(16, 2)) as fine
            from chosen
        ),
        acted as (
            select *, unnest(case when not is_found then [null] else list_concat(['追回'],
                case when pick < 0.35 then ['约谈'] when pick < 0.7 then ['整改'] when pick < 0.8 then ['拒付']
                    when pick < 0.88 then ['违约金'] when pick < 0.95 then ['暂停'] when pick < 0.97 then ['解除']
                        else [] end,
                if(is_fined, ['罚款'], []), if(is_fined and pick > 0.9, ['移送公安'], [])) end) as action
            from fined
        )
        select case_no, check_type,
            case check_type when '飞检' then '省' when '日常' then '县' else if(kind < 0.8, '市', '县') end as level,
            admdvs, fixmedins_code, fixmedins_name as name_raw,
            cast(row_number() over (partition by case_no order by coalesce(action, '') = '追回' desc, action)
                as integer) as action_seq,
            begin_date, cast(begin_date + 2 as date) as end_date, if(is_found, '1', '0') as found_issue,
            case when is_found then (['分解住院', '低标入院', '超标准收费', '串换', '虚构', '冒名'])
                [1 + cast(floor(pick * 5.999) as integer)] end as issue_type,
            case when action = '追回' then cast(round(due * 1.25, 2) as decimal(16, 2)) end as involved_amt,
            case when action = '追回' then due end as due_recover_amt, action,
            case when action = '罚款' then fine when action = '违约金' then cast(round(due * 0.3, 2) as decimal(16,
                2))
                end as penalty_amt,
            case when action = '罚款' then '样例罚字' || substr(case_no, 3) end as penalty_doc_no,
            case when close_date <= date '{plan.last}' then close_date end as close_date,
            case when check_type = '举报' then 'JB' || substr(case_no, 3) end as report_no,
            case when check_type = '举报' and action = '追回' then cast(round(least(due * 0.02, 200000), 2)
                as decimal(16, 2)) end as reward_amt
        from acted
    """


def _recoveries(plan: Plan) -> str:
    """One or two payments a case with money due; the last of some cases is still outstanding."""
    cut = plan.uniform("recovery cut", "case_no")
    late = plan.uniform("recovery late", "case_no")
    return f"""
        with split as (
            select *, if({cut} < 0.35, cast(round(due * 0.6, 2) as decimal(16, 2)), due) as first_part,
                {late} as late
            from base_case where is_found
        ),
        paid as (
            select *, 1 as part, first_part as amount, cast(begin_date + cast(15 + floor(late * 60)
                as integer) as date)
                as received_date from split
            union all
            select *, 2, due - first_part, cast(begin_date + cast(90 + floor(late * 120) as integer) as date)
            from split where due > first_part and late < 0.85
        )
        select 'ZH' || substr(case_no, 3) || '-' || part as recover_id, case_no, fixmedins_code,
            if(late < 0.7, 'employee_pool', 'resident') as fund_code,
            cast(year - if(late < 0.3, 1, 0) as integer) as violation_year,
            due as due_amt, amount as received_amt, received_date, strftime(received_date,
                '%Y%m') as offset_clr_ym,
            case check_type when '飞检' then '飞检' when '举报' then '举报' else if(late < 0.15, '自查退回', '检查') end
                as source, '0' as refund_flag
        from paid where received_date <= date '{plan.last}'
    """
