-- One row per scheme and month: served by its end and not settled yet (IBNR), by chain ladder.
-- The newest two months of service by Bornhuetter-Ferguson, where the year before is known.
with development as (
    select * from {{ ref('int_benefit__development') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
    where month_end <= {{ last_known('settlement') }}
),

to_ultimate as (
    select * from {{ ref('int_benefit__to_ultimate') }}
),

expected as (
    select * from {{ ref('int_benefit__expected') }}
),

outstanding as (
    select
        development.scheme_code,
        calendar.month_end,
        development.data_origin,
        case
            when
                development.lag_months < {{ expected_lags() }}
                and expected.expected_yuan is not null
                then expected.expected_yuan * (1 - 1 / coalesce(to_ultimate.to_ultimate, 1))
            else development.settled_yuan * (coalesce(to_ultimate.to_ultimate, 1) - 1)
        end as unreported_yuan,
        development.known_on
    from calendar
    inner join development
        on
            calendar.data_origin = development.data_origin
            and development.lag_months
            = least(
                {{ last_development_lag() }},
                {{ months_between('development.service_month', 'calendar.month_start') }}
            )
            and development.service_month <= calendar.month_start
    left join to_ultimate
        on
            development.scheme_code = to_ultimate.scheme_code
            and development.channel_code = to_ultimate.channel_code
            and development.data_origin = to_ultimate.data_origin
            and development.lag_months = to_ultimate.lag_months
    left join expected
        on
            development.scheme_code = expected.scheme_code
            and development.channel_code = expected.channel_code
            and development.data_origin = expected.data_origin
            and development.service_month = expected.service_month
),

final as (
    select
        scheme_code,
        month_end,
        data_origin,
        cast(sum(unreported_yuan) as decimal(24, 2)) as unreported_yuan,
        max(known_on) as known_on
    from outstanding
    group by scheme_code, month_end, data_origin
)

select * from final
