-- One row per unit and month-end at which its own payments of 12 months raise a warning: the level.
with burden as (
    select * from {{ ref('int_protection__burdens') }}
    where burden_yuan > 0
),

income as (
    select * from {{ ref('int_protection__incomes') }}
),

calendar as (
    select
        *,
        min(month_start) over () as first_month
    from {{ ref('int_calendar__months') }}
),

parameter as (
    select
        parameter_year,
        {{ parameter_columns(['risk_blue', 'risk_yellow', 'risk_red', 'risk_red_low_income']) }}
    from {{ ref('int_calendar__parameters') }}
    group by parameter_year
),

low_income as (
    select
        coalesce(unit.unit_key, roster.psn_key) as unit_key,
        roster.roster_month
    from {{ ref('stg_platform__roster') }} as roster
    inner join {{ ref('feed_code') }} as grp
        on roster.assisted_group_name = grp.code and grp.code_set = 'assisted_group'
    left join {{ ref('int_protection__units') }} as unit on roster.psn_key = unit.psn_key
    where grp.maps_to in ('key', 'low_income', 'monitored', 'monitored_lifted')
    group by coalesce(unit.unit_key, roster.psn_key), roster.roster_month
),

judged as (
    select
        burden.unit_key,
        calendar.month_end,
        burden.region_code,
        burden.scheme_code,
        burden.data_origin,
        burden.is_household,
        burden.burden_yuan,
        income.income_yuan,
        low_income.unit_key is not null as is_low_income,
        greatest(burden.known_on, income.known_on) as known_on,
        case
            when
                burden.burden_yuan >= parameter.risk_red * income.income_yuan
                or (
                    low_income.unit_key is not null
                    and burden.burden_yuan
                    >= parameter.risk_red_low_income * income.income_yuan
                )
                then 'red'
            when burden.burden_yuan >= parameter.risk_yellow * income.income_yuan then 'yellow'
            when burden.burden_yuan >= parameter.risk_blue * income.income_yuan then 'blue'
        end as level_code
    from burden
    inner join calendar
        on
            burden.from_month <= calendar.month_start
            and burden.before_month > calendar.month_start
    inner join income
        on
            year(calendar.month_end) = income.income_year
            and burden.region_code = income.region_code
    inner join parameter on year(calendar.month_end) = parameter.parameter_year
    left join low_income
        on
            burden.unit_key = low_income.unit_key
            and calendar.month_start = low_income.roster_month
    where calendar.month_start >= cast(calendar.first_month + interval 11 month as date)
),

final as (
    select * from judged
    where level_code is not null
)

select * from final
