-- One row per region, scheme and year with refunds of another year: sum of months, pairs removed.
with adjustment as (
    select * from {{ ref('int_benefit__counted') }}
    where is_adjustment and year(settlement_month) <> year(original_month)
),

booked as (
    select
        region_code,
        scheme_code,
        data_origin,
        year(month_end) as fee_year,
        max(month_end) as period_end,
        sum(fee_yuan) as fee_yuan
    from {{ ref('fct_benefit__month') }}
    group by region_code, scheme_code, data_origin, year(month_end)
),

moved as (
    select
        region_code,
        scheme_code,
        data_origin,
        year(settlement_month) as fee_year,
        -fee_yuan as moved_yuan
    from adjustment
    union all
    select
        region_code,
        scheme_code,
        data_origin,
        year(original_month) as fee_year,
        fee_yuan as moved_yuan
    from adjustment
),

moved_total as (
    select
        region_code,
        scheme_code,
        data_origin,
        fee_year,
        sum(moved_yuan) as moved_yuan
    from moved
    group by region_code, scheme_code, data_origin, fee_year
),

final as (
    select
        'refunds_across_years' as check_code,
        '跨月退费' as rule,
        booked.data_origin as series_code,
        booked.region_code,
        booked.scheme_code,
        'all' as fund_scope,
        'fee' as indicator_code,
        'year' as period_basis,
        booked.period_end,
        'yuan' as unit,
        cast(booked.fee_yuan + moved_total.moved_yuan as decimal(28, 10)) as expected_value,
        cast(booked.fee_yuan as decimal(28, 10)) as found_value,
        cast(null as varchar) as found_qualifier,
        cast(0 as decimal(28, 10)) as tolerance,
        '年终按对去除退费的费用与各月之和：差额为跨年退费' as rule_zh,
        'the year without its refunded pairs against the sum of its months' as rule_en,
        cast(null as varchar) as batch_id,
        cast(null as bigint) as record_number,
        booked.data_origin as cell
    from booked
    inner join moved_total
        on
            booked.region_code = moved_total.region_code
            and booked.scheme_code = moved_total.scheme_code
            and booked.data_origin = moved_total.data_origin
            and booked.fee_year = moved_total.fee_year
)

select * from final
