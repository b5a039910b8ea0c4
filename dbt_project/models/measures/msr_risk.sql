-- One row per measure of warnings, region, scheme and month-end.
with risk_month as (
    select * from {{ ref('fct_protection__risk_month') }}
),

wide as (
    select
        region_code,
        scheme_code,
        'all' as fund_scope,
        month_end,
        data_origin,
        'preliminary' as report_status,
        sum(unit_cnt) as risk_units,
        sum(case when level_code in ('yellow', 'red') then unit_cnt else 0 end)
            as risk_units_yellow_up,
        sum(case when level_code = 'red' then unit_cnt else 0 end) as risk_units_red,
        max(known_on) as known_on
    from risk_month
    group by region_code, scheme_code, month_end, data_origin
),

final as (
    {{ measure_rows('wide', ['risk_units', 'risk_units_yellow_up', 'risk_units_red']) }}
)

select * from final
