-- One row per region, scheme and first month paid for: contributions due, paid and still owed.
with contribution as (
    select * from {{ ref('stg_platform__contribution') }}
    where scheme_code in ('employee', 'resident') and region_code is not null
),

by_month as (
    select
        region_code,
        scheme_code,
        last_day(make_date(
            cast(substr(first_month_code, 1, 4) as integer),
            cast(substr(first_month_code, 5, 2) as integer),
            1
        )) as month_end,
        data_origin,
        sum(amount_yuan) as due_yuan,
        sum(case when is_paid then amount_yuan else 0 end) as paid_yuan,
        max(known_on) as known_on
    from contribution
    group by region_code, scheme_code, first_month_code, data_origin
),

final as (
    select
        region_code,
        scheme_code,
        month_end,
        data_origin,
        cast(due_yuan as decimal(24, 2)) as due_yuan,
        cast(paid_yuan as decimal(24, 2)) as paid_yuan,
        cast(due_yuan - paid_yuan as decimal(24, 2)) as owed_yuan,
        sum(due_yuan - paid_yuan) over (partition by scheme_code, data_origin, year(month_end)) > 0
            as is_due_stated,
        known_on
    from by_month
)

select * from final
