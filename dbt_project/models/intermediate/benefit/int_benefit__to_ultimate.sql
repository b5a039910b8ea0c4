-- One row per scheme, channel and lag: settled in the end over settled by then (chain ladder).
with development as (
    select * from {{ ref('int_benefit__development') }}
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

final as (
    select
        factor.scheme_code,
        factor.channel_code,
        factor.data_origin,
        lags.lag_months,
        exp(sum(ln(factor.growth_factor))) as to_ultimate
    from ({{ number_rows('lag_months', 0, last_development_lag()) }}) as lags
    inner join factor on lags.lag_months <= factor.lag_months
    group by factor.scheme_code, factor.channel_code, factor.data_origin, lags.lag_months
)

select * from final
