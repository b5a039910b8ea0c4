-- One row per month-end, region, scheme and level: warnings by own payments of the 12 months to it.
with risk_month as (
    select * from {{ ref('int_protection__risk_months') }}
),

final as (
    select
        month_end,
        region_code,
        scheme_code,
        level_code,
        data_origin,
        cast(count(*) as bigint) as unit_cnt,
        cast(sum(case when is_household then 1 else 0 end) as bigint) as household_cnt,
        cast(sum(case when is_low_income then 1 else 0 end) as bigint) as low_income_cnt,
        cast(sum(burden_yuan) as decimal(24, 2)) as own_payment_yuan,
        max(known_on) as known_on
    from risk_month
    group by month_end, region_code, scheme_code, level_code, data_origin
)

select * from final
