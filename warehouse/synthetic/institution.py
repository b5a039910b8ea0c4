"""Institutions and pharmacies with their validity periods (F11), and where visits of a county go."""

from __future__ import annotations

import math

import duckdb

from warehouse.feeds.platform.institution import USCC_CHARACTERS
from warehouse.synthetic.feed_table import insert
from warehouse.synthetic.geography import HAIKOU, PROVINCE, REFERRAL_PROVINCES, SANSHA, SANYA
from warehouse.synthetic.plan import Plan

# class: 3, 2, 1 hospital level, 0 village clinics and practices, P pharmacies, X outside the province
COUNTS = {"2": 60, "1": 350, "0": 2_040, "P": 3_800}
"""Institutions of the real province by class: 2,467 medical ones published, the rest assumed."""

TERTIARY = {HAIKOU: 9, SANYA: 4, "460400": 2, "469002": 2}
"""Tertiary hospitals by county (assumed)."""

PICKS_SMALL, PICKS_LARGE = 64, 2_048
RENAMED, SUSPENDED, JOINED_LATE = 0.03, 0.015, 0.02


def build(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """``base_institution``, ``base_pick`` (class, county, slot → institution) and the feed ``institution``."""
    _count(connection, plan)
    connection.execute(f"create table base_institution as {_institutions(plan)}")
    connection.execute(f"create table base_pick as {_picks(plan)}")
    insert(connection, "institution", f"{_periods()} order by fixmedins_code, valid_from")


def picks(plan: Plan) -> int:
    """How many slots each class and county has in ``base_pick``."""
    return PICKS_LARGE if plan.has_monthly_files else PICKS_SMALL


def _count(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Institutions a county and class: a small province has relatively more, so that none is empty."""
    scale = min(1.0, math.sqrt(plan.share))
    classes = ", ".join(f"('{name}', {number})" for name, number in COUNTS.items())
    tertiary = ", ".join(
        f"('{code}', '3', {max(1, round(count * scale))})" for code, count in TERTIARY.items()
    )
    outside = ", ".join(f"('{code}', 'X', 2)" for code in REFERRAL_PROVINCES)
    connection.execute(
        f"""
        create table base_institution_count as
        select region_code as county, class,
            greatest(if(region_code = '{SANSHA}', 1, 2), cast(round(number * {scale}::double * registered
                / (select sum(registered) from base_county)) as integer)) as number
        from base_county, (values {classes}) as class(class, number)
        union all
        select * from (values {tertiary}, {outside}) as fixed(county, class, number)
        order by class, county
        """
    )


def _institutions(plan: Plan) -> str:
    u = plan.uniform
    check = " + ".join(
        f"cast(substr(stem, {place + 1}, 1) as integer) * {3**place % 31}" for place in range(17)
    )
    return f"""
        with numbered as (
            select county, class, unnest(range(1, number + 1)) as number from base_institution_count
        ),
        coded as (
            select *, row_number() over (order by class, county, number) as institution_no,
                if(class = 'P', 'P', 'H') || county
                    || lpad(cast(number + case class when '3' then 0 when '2' then 100 when '1' then 1000
                        when '0' then 10000 else 0 end as varchar), 5, '0') as code
            from numbered
        ),
        described as (
            select coded.*, '91999999' || lpad(cast(institution_no as varchar), 9, '0') as stem,
                coalesce(region.short_name, '省外') as place,
                case class
                    when '3' then if(number % 4 = 3, '中医医院', '综合医院')
                    when '2' then case when number % 4 = 2 then '中医医院' when number % 7 = 3 then '妇幼保健院'
                        else '综合医院' end
                    when '1' then if(number % 3 = 0, '社区卫生服务中心', '乡镇卫生院')
                    when '0' then if(number % 5 = 0, '门诊部', '村卫生室')
                    when 'P' then '零售药店' else '综合医院' end as kind_name,
                {u("renamed", "code")} < {RENAMED} and class <> 'X' as is_renamed,
                {u("suspended", "code")} < {SUSPENDED} and class in ('0', 'P', '1') and number > 1 as is_suspended,
                {u("joined", "code")} < {JOINED_LATE} and class in ('0', 'P') and number > 2 as is_late,
                cast(floor({u("event month", "code")} * 60) as integer) + 6 as event_m
            from coded
            left join base_county as region on region.region_code = coded.county
        )
        select institution_no, code, county, class, number, kind_name,
            '样例' || place || kind_name || lpad(cast(number as varchar), 4, '0') as name,
            stem || substr('{USCC_CHARACTERS}', cast((31 - ({check}) % 31) % 31 + 1 as integer), 1) as uscc,
            case class when '3' then if(number % 3 = 0, '03', '02') when '2' then if(number % 2 = 0, '06', '05')
                when '1' then if(number % 2 = 0, '09', '08') when 'X' then '02' else '11' end as hosp_lv,
            case when is_late then date '2020-01-01' + to_months(event_m) else date '2018-01-01' end::date as opened,
            if(is_renamed and not is_late, date '2020-01-01' + to_months(event_m), null)::date as renamed_on,
            if(is_suspended and not is_late and not is_renamed,
                date '2020-01-01' + to_months(event_m), null)::date as suspend_from,
            if(is_suspended and not is_late and not is_renamed,
                (date '2020-01-01' + to_months(event_m + 3))::date - 1, null)::date as suspend_to
        from described
        order by institution_no
    """


def _picks(plan: Plan) -> str:
    """Low numbers get more slots than high ones: hospitals differ in size."""
    count = picks(plan)
    return f"""
        with place as (
            select county, class, number from base_institution_count
            union all
            select '{PROVINCE}', class, number from base_institution_count where county = '{HAIKOU}'
        ),
        slotted as (
            select county, class, number, unnest(range({count})) as slot from place
        )
        select slotted.county, slotted.class, slotted.slot, institution_no, code, institution.county as region,
            name, hosp_lv, opened, renamed_on, suspend_from, suspend_to
        from slotted
        join base_institution as institution
            on institution.county = if(slotted.county = '{PROVINCE}', '{HAIKOU}', slotted.county)
            and institution.class = slotted.class
            and institution.number
                = 1 + cast(floor(slotted.number * pow(slotted.slot / {float(count)}, 1.4)) as integer)
    """


def _periods() -> str:
    """One row a period: a new one on renaming, and one for a suspended agreement."""
    return """
        with period as (
            select *, opened as valid_from, coalesce(renamed_on, suspend_from) - 1 as valid_to, 'first' as part
            from base_institution
            union all
            select *, coalesce(renamed_on, suspend_from), if(renamed_on is null, suspend_to, null),
                if(renamed_on is null, 'suspended', 'renamed')
            from base_institution where coalesce(renamed_on, suspend_from) is not null
            union all
            select *, suspend_to + 1, null, 'resumed' from base_institution where suspend_to is not null
        )
        select code as fixmedins_code, valid_from, cast(valid_to as date) as valid_to,
            name || if(part = 'renamed', '(新名)', '') as fixmedins_name, uscc,
            if(class = 'P', '2', '1') as fixmedins_type,
            case kind_name when '综合医院' then '综合' when '中医医院' then '中医' when '妇幼保健院' then '妇幼'
                when '零售药店' then '药店' else kind_name end as inst_type, hosp_lv,
            case when class in ('3', 'X') then '3' when class in ('2', '1') then class end as medinslv,
            case when class = 'P' or kind_name = '门诊部' or (class = '2' and number % 5 = 4) then '民营'
                else '公立' end as medins_natu,
            if(class in ('1', '0'), '1', '0') as is_primary, county as fix_blng_admdvs, opened as begndate,
            cast(null as date) as enddate, if(part = 'suspended', '暂停', '正常') as agreement_stas,
            if(part = 'suspended', suspend_from, null) as suspend_from,
            if(part = 'suspended', suspend_to, null) as suspend_to,
            if(class in ('3', '2', '1', 'X'), '1', '0') as cross_prov_ip_flag,
            if(class in ('3', '2', '1', 'X'), '1', '0') as cross_prov_op_flag,
            if(class in ('3', '2', 'X'), '1', '0') as cross_prov_opsp_flag,
            '1' as ecert_flag, if(number % 9 = 8, '0', '1') as terminal_flag,
            case class when '3' then 'DRG' when '2' then 'DIP' when '1' then 'DIP' end as drg_dip_mode,
            case class when '3' then 900 + 40 * number when '2' then 260 + 8 * number
                when '1' then 30 when 'X' then 2000 end as bed_cnt,
            case when institution_no % 17 = 0 then 'C' when institution_no % 5 = 0 then 'B' else 'A' end as cred_lv,
            case when class = '1' then 'H' || county || '00101' end as prnt_medins_code
        from period
    """
