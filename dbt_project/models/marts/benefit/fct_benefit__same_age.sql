-- One row per region, scheme and recent month: use beside last year's month known at the same age.
with as_known as (
    select * from {{ ref('int_benefit__as_known') }}
),

placed as (
    select * from as_known
    union all
    select * replace ('460000' as region_code) from as_known
    where region_code <> '460000'
),

summed as (
    select
        side,
        known_by,
        region_code,
        scheme_code,
        month_end,
        data_origin,
        sum(visits) as visits,
        sum(fee_yuan) as fee_yuan,
        sum(fund_yuan) as fund_yuan,
        max(known_on) as known_on
    from placed
    group by side, known_by, region_code, scheme_code, month_end, data_origin
),

final as (
    select
        present.region_code,
        present.scheme_code,
        present.month_end,
        present.data_origin,
        present.known_by as known_by_date,
        past.known_by as past_known_by_date,
        cast({{ months_between('present.month_end', 'present.known_by') }} as bigint) as age_months,
        cast(present.visits as bigint) as visits,
        cast(past.visits as bigint) as past_visits,
        cast(present.fee_yuan as decimal(24, 2)) as fee_yuan,
        cast(past.fee_yuan as decimal(24, 2)) as past_fee_yuan,
        cast(present.fund_yuan as decimal(24, 2)) as fund_yuan,
        cast(past.fund_yuan as decimal(24, 2)) as past_fund_yuan,
        {{ growth('present.visits', 'past.visits') }} as visits_growth_rate,
        {{ growth('present.fee_yuan', 'past.fee_yuan') }} as fee_growth_rate,
        {{ growth('present.fund_yuan', 'past.fund_yuan') }} as fund_growth_rate,
        present.known_on
    from summed as present
    left join summed as past
        on
            past.side = 'past'
            and present.region_code = past.region_code
            and present.scheme_code = past.scheme_code
            and present.data_origin = past.data_origin
            and {{ same_period_last_year('present.month_end', 'past.month_end') }}
    where present.side = 'present'
)

select * from final
