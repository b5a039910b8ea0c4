-- One row per fund and month: what institutions had claimed by its end and were not paid yet.
with claim as (
    select * from {{ ref('int_fund__claims') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
    where month_end <= {{ last_known('clearing') }}
),

change as (
    select
        fund_code,
        data_origin,
        clearing_month as change_month,
        owed_yuan as change_yuan,
        known_on
    from claim
    union all
    select
        fund_code,
        data_origin,
        cast(date_trunc('month', first_paid_date) as date) as change_month,
        -first_paid_yuan as change_yuan,
        known_on
    from claim
    where first_paid_date is not null
    union all
    select
        fund_code,
        data_origin,
        cast(date_trunc('month', last_paid_date) as date) as change_month,
        first_paid_yuan - last_paid_yuan as change_yuan,
        known_on
    from claim
    where last_paid_date > first_paid_date
),

by_month as (
    select
        fund_code,
        data_origin,
        change_month,
        sum(change_yuan) as change_yuan,
        max(known_on) as known_on
    from change
    group by fund_code, data_origin, change_month
),

covered as (
    select
        fund_code,
        data_origin,
        cast(min(clearing_month) + interval 3 month as date) as first_month
    from claim
    group by fund_code, data_origin
),

final as (
    select
        covered.fund_code,
        calendar.month_end,
        covered.data_origin,
        cast(sum(by_month.change_yuan) as decimal(24, 2)) as payable_yuan,
        max(by_month.known_on) as known_on
    from covered
    inner join calendar
        on
            covered.first_month <= calendar.month_start
            and covered.data_origin = calendar.data_origin
    inner join by_month
        on
            covered.fund_code = by_month.fund_code
            and covered.data_origin = by_month.data_origin
            and by_month.change_month <= calendar.month_start
    group by covered.fund_code, calendar.month_end, covered.data_origin
)

select * from final
