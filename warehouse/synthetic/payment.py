"""Who pays what of a visit: the fee's parts, the funds, the account and the person, all in fen."""

from __future__ import annotations

from warehouse.synthetic import calibration as target
from warehouse.synthetic.anomaly import FIRST_HALF_DAYS, RARE_DISEASE, SPLIT_SHARE, SPLIT_STAYS
from warehouse.synthetic.plan import Plan
from warehouse.synthetic.use import thresholds
from warehouse.synthetic.yearly_path import (
    CROSS_PROVINCE_DIRECT_SHARE,
    ECERTIFICATE_SHARE,
    between_years,
    by_year,
)

LARGE_SUM_FROM_YUAN, SERIOUS_FROM_YUAN, SERIOUS_PART = 80_000, 15_000, 0.5
"""Payments above which the large-sum subsidy and critical-illness insurance take over (assumed)."""

DISEASES = {
    "14": (
        ("I10", "高血压", 0.42),
        ("E11", "2型糖尿病", 0.28),
        ("I25", "慢性缺血性心脏病", 0.12),
        ("N18", "慢性肾脏病", 0.10),
        ("C34", "支气管和肺恶性肿瘤", 0.08),
    ),
    "21": (
        ("J18", "肺炎", 0.18),
        ("I63", "脑梗死", 0.14),
        ("I25", "慢性缺血性心脏病", 0.13),
        ("J44", "慢性阻塞性肺病", 0.10),
        ("K29", "胃炎和十二指肠炎", 0.10),
        ("M51", "椎间盘疾患", 0.10),
        ("E11", "2型糖尿病", 0.09),
        ("S72", "股骨骨折", 0.06),
        ("C34", "支气管和肺恶性肿瘤", 0.06),
        ("H25", "老年性白内障", 0.04),
    ),
}
"""Diseases by kind of care: ICD-10 category, name, share (assumed)."""


def paid(plan: Plan, priced: str) -> str:
    """Who pays what, in fen; parts add up by construction."""
    u = plan.uniform
    direct = by_year("year", CROSS_PROVINCE_DIRECT_SHARE)
    rostered = target.ROSTERED_SHARE / (1 - target.EMPLOYEE_SHARE[0])
    return f"""
        with priced as ({priced}),
        parted as (
            select *, home_province is not null as is_guest,
                floor(fee * (1 - within) * {1.1} * {u("policy", "vid")}) as own_fee,
                floor(fee * (1 - within) * {0.2} * {u("policy", "vid")}) as over_fee,
                floor(fee * (1 - within) * {0.7} * {u("policy", "vid")}) as pre_fee,
                insutype = '390' and roster_draw < {rostered} as is_rostered,
                class = 'X' and {u("direct", "vid")} >= {direct} as is_manual,
                kind = '21' and not is_male and date_diff('year', birth, month) between 20 and 40
                    and {u("maternity", "vid")} < 0.3 as is_maternity,
                {u("refund", "vid")} < {target.REFUND_SHARE} as is_refunded
            from priced
        ),
        scoped as (
            select *, fee - own_fee - over_fee - pre_fee as scope,
                floor((fee - own_fee - over_fee - pre_fee)
                    * if(ratio = 0, 0, ratio + ({u("ratio", "vid")} - 0.5) * 0.1)) as basic
            from parted
        ),
        layered as (
            select *,
                if(insutype = '310', greatest(basic - {LARGE_SUM_FROM_YUAN * 100}, 0), 0) as large,
                if(insutype = '390', floor(greatest(basic - {SERIOUS_FROM_YUAN * 100}, 0) * {
        SERIOUS_PART
    }), 0)
                    as serious,
                if(is_civil and kind <> '41' and not is_guest and insutype = '310', floor((scope - basic) * 0.35), 0)
                    as civil,
                if(is_rostered and kind in ('14', '21') and not is_guest, floor((scope - basic) * 0.5), 0) as assist
            from scoped
        ),
        borne as (
            select *, fee - basic - civil - assist as rest,
                if(kind = '21' and not is_manual and {u("hospital part", "vid")} < 0.02,
                    floor((fee - basic - civil - assist) * 0.1), 0) as hospital
            from layered
        ),
        settled as (
            select *, rest - hospital as person,
                case when insutype <> '310' or is_guest or is_manual then 0
                    when kind = '41' then floor((rest - hospital) * if({u("account", "vid")} < 0.93, 1, 0.3))
                    else floor((rest - hospital) * if({u("account", "vid")} < 0.8, 0.75, 0)) end as account,
                if(insutype = '390' and kind = '11' and year >= 2022 and {u("shared account", "vid")} < 0.05,
                    floor((rest - hospital) * 0.5), 0) as shared
            from borne
        )
        select vid, pid, m, month, year, insutype, county, birth, is_male, is_civil and insutype = '310' as is_civil,
            is_flexible and insutype = '310' as is_flexible, is_retired and insutype = '310' as is_retired,
            is_rostered, is_guest, is_manual, home_province, certno, kind, class, is_maternity,
            if(is_maternity, '52', kind) as med_type, code, region,
            name || if(setl_day >= renamed_on, '(新名)', '') as name,
            hosp_lv, setl_day, seconds, stay_days,
            setl_day - if(is_manual, 90 + cast(floor({u("delay", "vid")} * 200) as integer), 0) as end_day,
            ecertificate_draw < {between_years("month", ECERTIFICATE_SHARE)} and {
        u("certificate", "vid")
    } < 0.6 as by_phone,
            {_disease(plan)} as disease,
            if(is_refunded, setl_day + if({u("refund delay", "vid")} < 0.7,
                1 + cast(floor({u("refund days", "vid")} * 3) as integer),
                30 + cast(floor({u("refund days", "vid")} * 60) as integer)), null) as refund_day,
            {
        _integers(
            "fee",
            "own_fee",
            "over_fee",
            "pre_fee",
            "scope",
            "basic",
            "large",
            "serious",
            "civil",
            "assist",
            "hospital",
            "person",
            "account",
            "shared",
        )
    },
            relation_part
        from settled
    """


def _integers(*columns: str) -> str:
    return ", ".join(f"cast({name} as bigint) as {name}" for name in columns)


def _disease(plan: Plan) -> str:
    """SQL for ``code|name`` of the disease, empty for ordinary visits and purchases."""
    draw = plan.uniform("disease", "pid", "kind")
    chronic, stay = (
        thresholds(draw, {f"{code}|{name}": share for code, name, share in DISEASES[kind]})
        for kind in ("14", "21")
    )
    rare = RARE_DISEASE
    return (
        f"case when county = '{rare.county}' and kind in ('11', '14') and not is_guest "
        f"and {plan.uniform('rare disease', 'pid')} < {rare.share} then '{rare.code}|{rare.name}' "
        f"when is_maternity then 'O80|单胎顺产' when kind = '14' then {chronic} when kind = '21' then {stay} end"
    )


def split_stays(plan: Plan) -> str:
    """Cut the stays of one hospital in two: a first half that ends some days before the second begins."""
    half = {
        name: f"{name} // 2"
        for name in (
            "own_fee",
            "over_fee",
            "pre_fee",
            "scope",
            "basic",
            "large",
            "serious",
            "civil",
            "assist",
            "hospital",
            "shared",
        )
    }
    half["fee"] = " + ".join(half[name] for name in ("own_fee", "over_fee", "pre_fee", "scope"))
    half["person"] = " - ".join(f"({half[name]})" for name in ("fee", "basic", "civil", "assist", "hospital"))
    half["account"] = f"least(account // 2, {half['person']})"
    where = (
        f"code = '{SPLIT_STAYS.institution}' and kind = '21' and day(setl_day) > {2 * FIRST_HALF_DAYS} "
        f"and vid % 64 < 32 and refund_day is null and {plan.uniform('split stay', 'pid')} < {SPLIT_SHARE}"
    )
    first = ", ".join(f"{value} as {name}" for name, value in half.items())
    rest = ", ".join(f"{name} = {name} - ({value})" for name, value in half.items())
    return f"""
        create or replace temp table first_half as
        select * replace (vid + 32 as vid, setl_day - {FIRST_HALF_DAYS} as setl_day,
            end_day - {FIRST_HALF_DAYS} as end_day, greatest(1, stay_days // 2) as stay_days, {first})
        from base_visit where {where};
        update base_visit set stay_days = least({FIRST_HALF_DAYS - 2}, greatest(1, stay_days // 2)), {rest}
        where {where};
        insert into base_visit from first_half;
        drop table first_half;
    """
