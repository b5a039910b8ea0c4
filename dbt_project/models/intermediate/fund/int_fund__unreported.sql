-- One row per scheme and month: served by its end and not settled yet (IBNR), by chain ladder.
with development as (
    select * from {{ ref('int_benefit__development') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
    where month_end <= {{ last_known('settlement') }}
),

factor as (
    select
        earlier.scheme_code,
        earlier.channel_code,
        earlier.data_origin,
        earlier.lag_months,
        cast(sum(later.settled_yuan) as double) / cast(sum(earlier.settled_yuan) as double)
            as growth_factor
    from development as earlier
    inner join development as later
        on
            earlier.scheme_code = later.scheme_code
            and earlier.channel_code = later.channel_code
            and earlier.data_origin = later.data_origin
            and earlier.service_month = later.service_month
            and earlier.lag_months + 1 = later.lag_months
    group by
        earlier.scheme_code, earlier.channel_code, earlier.data_origin, earlier.lag_months
    having sum(earlier.settled_yuan) > 0 and sum(later.settled_yuan) > 0
),

remaining as (
    select
        lags.lag_months,
        factor.scheme_code,
        factor.channel_code,
        factor.data_origin,
        exp(sum(ln(factor.growth_factor))) as to_ultimate
    from ({{ number_rows('lag_months', 0, last_development_lag()) }}) as lags
    inner join factor on lags.lag_months <= factor.lag_months
    group by lags.lag_months, factor.scheme_code, factor.channel_code, factor.data_origin
),

final as (
    select
        development.scheme_code,
        calendar.month_end,
        development.data_origin,
        cast(
            sum(development.settled_yuan * (coalesce(remaining.to_ultimate, 1) - 1))
            as decimal(24, 2)
        ) as unreported_yuan,
        max(development.known_on) as known_on
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
    left join remaining
        on
            development.scheme_code = remaining.scheme_code
            and development.channel_code = remaining.channel_code
            and development.data_origin = remaining.data_origin
            and development.lag_months = remaining.lag_months
    group by development.scheme_code, calendar.month_end, development.data_origin
)

select * from final
