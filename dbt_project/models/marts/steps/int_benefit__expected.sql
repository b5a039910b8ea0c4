-- One row per scheme, channel and month of service: payments to expect, from the year before.
-- What its month came to in the end, per insured person, times the insured of this month.
with development as (
    select * from {{ ref('int_benefit__development') }}
),

to_ultimate as (
    select * from {{ ref('int_benefit__to_ultimate') }}
),

insured as (
    select
        scheme_code,
        data_origin,
        cast(date_trunc('month', month_end) as date) as service_month,
        sum(insured_persons) as insured_persons
    from {{ ref('fct_enrolment__month_end') }}
    group by scheme_code, data_origin, date_trunc('month', month_end)
),

year_before as (
    select
        development.scheme_code,
        development.channel_code,
        development.data_origin,
        development.service_month,
        cast(development.service_month + interval 1 year as date) as next_service_month,
        development.settled_yuan * coalesce(to_ultimate.to_ultimate, 1) as ultimate_yuan
    from development
    left join to_ultimate
        on
            development.scheme_code = to_ultimate.scheme_code
            and development.channel_code = to_ultimate.channel_code
            and development.data_origin = to_ultimate.data_origin
            and development.lag_months = to_ultimate.lag_months
    where
        development.lag_months = least(development.last_lag, {{ last_development_lag() }})
),

final as (
    select
        year_before.scheme_code,
        year_before.channel_code,
        year_before.data_origin,
        year_before.next_service_month as service_month,
        year_before.ultimate_yuan / insured_before.insured_persons * insured.insured_persons
            as expected_yuan
    from year_before
    inner join insured as insured_before
        on
            year_before.scheme_code = insured_before.scheme_code
            and year_before.data_origin = insured_before.data_origin
            and year_before.service_month = insured_before.service_month
    inner join insured
        on
            year_before.scheme_code = insured.scheme_code
            and year_before.data_origin = insured.data_origin
            and year_before.next_service_month = insured.service_month
    where insured_before.insured_persons > 0
)

select * from final
