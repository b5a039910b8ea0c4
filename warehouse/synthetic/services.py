"""F19 e-certificates, F20 service items and cases, F27 terminals."""

from __future__ import annotations

import duckdb

from warehouse.synthetic.expression import padded, whole
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.oddity import SILENT_TERMINALS
from warehouse.synthetic.plan import Plan
from warehouse.synthetic.yearly_path import (
    COUNTER_ITEM_SHARE,
    ECERTIFICATE_SHARE,
    ONLINE_ITEM_SHARE,
    SERVICE_CASES_A_YEAR,
    by_year,
)

ITEMS = (
    "单位参保登记", "职工参保登记", "城乡居民参保登记", "单位参保信息变更", "职工参保信息变更", "居民参保信息变更",
    "参保信息查询", "缴费信息查询", "个人账户一次性支取", "个人账户余额查询", "关系转移接续", "转出地参保凭证",
    "异地安置备案", "长期居住备案", "常驻外地备案", "异地转诊备案", "临时外出就医备案", "门诊慢特病认定",
    "门诊费用报销", "住院费用报销", "急诊费用报销", "产前检查费支付", "生育医疗费支付", "计划生育费支付",
    "生育津贴支付", "符合条件救助申请", "医疗机构定点申请", "零售药店定点申请", "定点信息变更", "定点费用结算",
    "电子凭证激活", "双通道用药备案",
)  # fmt: skip
SILENT_SHARE = 0.08
CHANNELS = "['窗口', '网厅', 'APP', '自助']"


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Fill ``ecertificate``, ``service_item``, ``service_case`` and ``terminal``."""
    insert(connection, "ecertificate", _ecertificates(plan))
    insert(connection, "service_item", _items(plan))
    insert(connection, "service_case", _cases(plan))
    insert(connection, "terminal", _terminals(plan))


def _ecertificates(plan: Plan) -> str:
    """The first activation of each person, on the day the path passes the person's draw.

    The same draw decides which visits show the certificate.
    """
    channel = plan.uniform("ecertificate channel", "psn_no")
    minute = plan.uniform("ecertificate minute", "psn_no")
    steps = ", ".join(
        f"({year}, {ECERTIFICATE_SHARE[year - 1]}, {share})"
        for year, share in ECERTIFICATE_SHARE.items()
        if year > min(ECERTIFICATE_SHARE)
    )
    return f"""
        with activated as (
            select psn_no, county, died, leave_m, greatest(
                    cast(make_date(year, 1, 1) + {whole("(ecertificate_draw - low) / (high - low) * 365")} as date),
                    cast(date '2020-01-01' + to_months(enter_m) as date)) as activated_on
            from base_person
            join (values {steps}) as steps(year, low, high) on ecertificate_draw >= low and ecertificate_draw < high
            where kind <> 'winter'
        )
        select psn_no, '首次激活' as event,
            activated_on + to_minutes(480 + {whole(f"{minute} * 840")}) as activate_time,
            (['APP', '微信', '支付宝', '银行', '窗口'])[1 + {whole(f"{channel} * 4.999")}] as channel,
            county as insu_admdvs, '1' as is_local_insured
        from activated
        where activated_on <= date '{plan.last}' and activated_on >= date '{plan.first}'
            and activated_on < coalesce(died, date '9999-12-31')
            and activated_on < date '2020-01-01' + to_months(leave_m)
    """


def _items(plan: Plan) -> str:
    """The list of each year: names are stable, online and counter handling widen along their paths."""
    names = ", ".join(f"({position}, '{name}')" for position, name in enumerate(ITEMS, start=1))
    place = f"((number * 13) % {len(ITEMS)} + 0.5) / {len(ITEMS)}"
    return f"""
        select 'SYN' || {padded("number", 4)} as item_code, cast(year as varchar) as list_version,
            '样例事项:' || name as item_name, if(number % 3 = 0, '省', '市县') as level,
            case when {place} >= {by_year("year", ONLINE_ITEM_SHARE)} then '0' when number % 2 = 0 then '全程'
                else '可申请' end as online_flag,
            if({place} < {by_year("year", COUNTER_ITEM_SHARE)}, '1', '0') as counter_flag,
            20 + number % 4 * 5 as legal_days,
            greatest(1, 12 + number % 4 * 3 - 2 * (year - 2019)) as promise_days, 2 + number % 4 as material_cnt
        from (values {names}) as items(number, name),
            range({plan.first.year}, {plan.last.year + 1}) as years(year)
    """


def _cases(plan: Plan) -> str:
    """Cases of a year, evenly numbered and scattered over its days, counties by their share of persons."""
    cases = max(1, round(SERVICE_CASES_A_YEAR * plan.share))
    when, kind, good, county = (
        plan.uniform(f"service {each}", "year", "number") for each in ("time", "item", "eval", "county")
    )
    minute = f"{whole(f'{when} * 365')} * 1440 + {whole('kind * 97 * 510')} % 510"
    end = f"date '{plan.last}' + interval 1 day"
    return f"""
        with insured as (
            select insu_admdvs as admdvs, count(*) as persons from enrolment group by insu_admdvs
        ),
        county as (
            select admdvs, sum(persons) over upto_here / sum(persons) over () as upto,
                (sum(persons) over upto_here - persons) / sum(persons) over () as above
            from insured window upto_here as (order by admdvs)
        ),
        drawn as (
            select year, number, {kind} as kind, {good} as good, {county} as place
            from range({plan.first.year}, {plan.last.year + 1}) as years(year), range({cases}) as numbers(number)
        ),
        accepted as (
            select *, kind * 1000 % 1 as mood,
                make_timestamp(year, 1, 1, 8, 30, 0.0) + to_minutes({minute}) as accept_time
            from drawn
        ),
        handled as (
            select *, accept_time + to_minutes({whole("30 + good * good * 9 * 1440")}) as finish_time
            from accepted where accept_time >= date '{plan.first}' and accept_time < {end}
        )
        select 'BJ' || year || {padded("number", 8)} as case_id,
            'SYN' || {padded(f"1 + {whole(f'kind * {len(ITEMS)}')}", 4)} as item_code, county.admdvs,
            ({CHANNELS})[case when good < 0.55 - 0.06 * (year - 2020) then 1 when good < 0.75 then 2
                when good < 0.95 then 3 else 4 end] as channel,
            accept_time, if(finish_time < {end}, finish_time, null) as finish_time,
            case when finish_time >= {end} then null when good > 0.98 then '不予办理' else '办结' end as result,
            case when finish_time >= {end} then null when mood < 0.004 then '差评' when mood < 0.6 then '好评' end
                as eval,
            case when mood < 0.0037 and finish_time + interval 20 day < {end} then finish_time + interval 12 day end
                as eval_fix_time
        from handled join county on place >= above and place < upto
    """


def _terminals(plan: Plan) -> str:
    """One terminal in each institution that says it has one; a few have fallen silent."""
    silent, day = (
        plan.uniform("terminal silent", "fixmedins_code"),
        plan.uniform("terminal day", "fixmedins_code"),
    )
    last = f"date '{plan.last}'"
    return f"""
        with equipped as (
            select fixmedins_code, max(fix_blng_admdvs) as county, min(begndate) as opened,
                least(max(coalesce(enddate, {last})), {last}) as closed
            from institution where terminal_flag = '1' and fix_blng_admdvs like '46%' group by fixmedins_code
        ),
        deployed as (
            select fixmedins_code, closed, {day} as day, {silent} * if(oddity is null, 1, 0.1) as silence,
                greatest(cast(date '2020-03-01' + {whole(f"{day} * 600")} as date), opened) as deploy_date
            from equipped left join base_odd on oddity = '{SILENT_TERMINALS}' and odd_county = county
        ),
        used as (
            select *, silence < {SILENT_SHARE} as is_silent from deployed where deploy_date <= closed - 30
        )
        select 'ZD' || fixmedins_code as terminal_id, fixmedins_code as inst_code, deploy_date,
            cast(if(is_silent, deploy_date + {whole("(closed - deploy_date) * silence * 9")},
                closed - {whole("day * 20")}) as date) as last_active,
            if(is_silent or closed < {last}, '停用', '在用') as status
        from used
    """
