"""F12 inspections and F13 recoveries: every institution is looked at every year, one in seven handled."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.expression import padded, whole, yuan
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.plan import Plan
from warehouse.synthetic.yearly_path import (
    FINES_YUAN_A_YEAR,
    HANDLED_INSTITUTION_SHARE,
    RECOVERED_YUAN,
    by_year,
)

FINED_SHARE = 0.08
DUE_PER_RECOVERED = 1.06
"""Due over received money: some is outstanding (assumed)."""

NOT_FLOWN_IN_2021 = ("460100", "469002")
"""The provincial flying inspection of 2021 left out Haikou and Qionghai (published)."""


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``inspection`` and ``recovery`` from the institutions."""
    connection.execute(f"create or replace table base_case as {_cases(plan)}")
    insert(connection, "inspection", _inspections(plan))
    insert(connection, "recovery", _recoveries(plan))


def _cases(plan: Plan) -> str:
    """One row an institution and year: day, kind, whether something was found, and how much is due."""
    left_out = ", ".join(f"'{code}'" for code in NOT_FLOWN_IN_2021)
    day, kind, found, size = (
        plan.uniform(f"inspection {each}", "fixmedins_code", "year")
        for each in ("day", "kind", "found", "size")
    )
    in_place = "partition by admdvs, year order by begin_date, fixmedins_code"
    year_yuan = f"{plan.share * DUE_PER_RECOVERED} * {by_year('year', RECOVERED_YUAN)}"
    return f"""
        with seen as (
            select fixmedins_code, year, arg_max(fixmedins_name, valid_from) as name_raw,
                max(fix_blng_admdvs) as admdvs,
                greatest(min(begndate), make_date(year, 1, 5), date '{plan.first}') as earliest,
                least(max(coalesce(enddate, date '9999-12-31')), make_date(year, 12, 20), date '{plan.last}') as latest
            from institution, range({plan.first.year}, {plan.last.year + 1}) as years(year)
            where fix_blng_admdvs like '46%' group by fixmedins_code, year
        ),
        visited as (
            select * exclude (earliest, latest), {kind} as kind, {found} < {HANDLED_INSTITUTION_SHARE} as is_found,
                cast(earliest + {whole(f"{day} * (latest - earliest + 1)")} as date) as begin_date,
                row_number() over (partition by admdvs, year order by {kind}, fixmedins_code) = 1
                    and not (year = 2021 and admdvs in ({left_out})) as is_flown,
                cast(0.05 - ln(1 - {size}) * if(fixmedins_code like 'H%', 1, 0.2) as decimal(12, 6)) as size,
                {size} as pace
            from seen where earliest <= latest
        )
        select *, 'JC' || year || admdvs || {padded(f"row_number() over ({in_place})", 5)} as case_no,
            case when is_flown then '飞检' when kind < 0.62 then '日常' when kind < 0.78 then '专项'
                when kind < 0.90 then '双随机' when kind < 0.94 then '重点' when kind < 0.97 then '专家'
                else '举报' end as check_type,
            if(is_found, {yuan(f"{year_yuan} * size / sum(if(is_found, size, 0)) over (partition by year)")}, null)
                as due,
            cast(begin_date + 20 + {whole("pace * 90")} as date) as close_date
        from visited
    """


def _inspections(plan: Plan) -> str:
    """A row a case and action; cases without a finding have one row without an action."""
    pick, fined = plan.uniform("inspection action", "case_no"), plan.uniform("inspection fine", "case_no")
    share_of_fines = "size / sum(if(is_fined, size, null)) over (partition by year)"
    return f"""
        with chosen as (
            select *, {fined} < {FINED_SHARE} and is_found as is_fined, {pick} as pick from base_case
        ),
        fined as (
            select *, {yuan(f"{FINES_YUAN_A_YEAR * plan.share} * {share_of_fines}")} as fine from chosen
        ),
        acted as (
            select *, unnest(if(not is_found, [null], list_concat(['追回'],
                case when pick < 0.35 then ['约谈'] when pick < 0.7 then ['整改'] when pick < 0.8 then ['拒付']
                    when pick < 0.88 then ['违约金'] when pick < 0.95 then ['暂停'] when pick < 0.97 then ['解除']
                    else [] end,
                if(is_fined, ['罚款'], []), if(is_fined and pick > 0.9, ['移送公安'], [])))) as action
            from fined
        )
        select case_no, check_type, if(is_flown or kind > 0.9, '省', '市县') as level, admdvs, fixmedins_code, name_raw,
            row_number() over (partition by case_no order by coalesce(action, '') = '追回' desc, action) as action_seq,
            begin_date, cast(begin_date + 2 as date) as end_date, if(is_found, '1', '0') as found_issue,
            case when is_found then (['分解住院', '低标入院', '超标准收费', '串换', '虚构', '冒名'])
                [1 + {whole("pick * 5.999")}] end as issue_type,
            case when action = '追回' then {yuan("due * 1.25")} end as involved_amt,
            case when action = '追回' then due end as due_recover_amt, action,
            case when action = '罚款' then fine when action = '违约金' then {yuan("due * 0.3")} end as penalty_amt,
            case when action = '罚款' then '样例罚字' || substr(case_no, 3) end as penalty_doc_no,
            case when close_date <= date '{plan.last}' then close_date end as close_date,
            case when check_type = '举报' then 'JB' || substr(case_no, 3) end as report_no,
            case when check_type = '举报' and action = '追回' then {yuan("least(due * 0.02, 200000)")} end as reward_amt
        from acted
    """


def _recoveries(plan: Plan) -> str:
    """One or two payments a case with money due; the last of some cases is still outstanding."""
    cut, late = plan.uniform("recovery cut", "case_no"), plan.uniform("recovery late", "case_no")
    return f"""
        with split as (
            select *, if({cut} < 0.35, {yuan("due * 0.6")}, due) as first_part, {late} as late
            from base_case where is_found
        ),
        paid as (
            select *, 1 as part, first_part as received_amt, 15 + {whole("late * 60")} as days from split
            union all
            select *, 2, due - first_part, 90 + {whole("late * 120")}
            from split where due > first_part and late < 0.85
        ),
        dated as (
            select *, cast(begin_date + days as date) as received_date from paid
        )
        select 'ZH' || substr(case_no, 3) || '-' || part as recover_id, case_no, fixmedins_code,
            if(late < 0.7, 'employee_pool', 'resident') as fund_code, year - if(late < 0.3, 1, 0) as violation_year,
            due as due_amt, received_amt, received_date, strftime(received_date, '%Y%m') as offset_clr_ym,
            case when check_type in ('飞检', '举报') then check_type when late < 0.15 then '自查退回' else '检查' end
                as source, '0' as refund_flag
        from dated where received_date <= date '{plan.last}'
    """
