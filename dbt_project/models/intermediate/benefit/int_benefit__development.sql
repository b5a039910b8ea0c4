-- One row per scheme, channel, month of service and lag: pool payments settled by then.
with counted as (
    select * from {{ ref('int_benefit__counted') }}
    where
        coalesce(remote_side_code, '0') <> '2' and scheme_code in ('employee', 'resident')
),

horizon as (
    select
        min(counted.settlement_month) as first_month,
        max(calendar.month_start) as last_month
    from counted
    cross join (
        select max(month_start) as month_start from {{ ref('int_calendar__months') }}
        where month_end <= {{ last_known('settlement') }}
    ) as calendar
),

served as (
    select
        scheme_code,
        case payment_place_code when '1' then 'manual' when '4' then 'remote' else 'direct' end
            as channel_code,
        cast(date_trunc('month', coalesce(end_date, cast(settled_at as date))) as date)
            as service_month,
        settlement_month,
        data_origin,
        pool_yuan,
        known_on
    from counted
),

summed as (
    select
        scheme_code,
        channel_code,
        service_month,
        data_origin,
        greatest(0, {{ months_between('service_month', 'settlement_month') }}) as lag_months,
        sum(pool_yuan) as pool_yuan,
        max(known_on) as known_on
    from served
    group by
        scheme_code,
        channel_code,
        service_month,
        data_origin,
        greatest(0, {{ months_between('service_month', 'settlement_month') }})
),

origin as (
    select
        summed.scheme_code,
        summed.channel_code,
        summed.service_month,
        summed.data_origin,
        {{ months_between('summed.service_month', 'horizon.last_month') }} as last_lag,
        max(summed.known_on) as known_on
    from summed
    cross join horizon
    where summed.service_month between horizon.first_month and horizon.last_month
    group by
        summed.scheme_code,
        summed.channel_code,
        summed.service_month,
        summed.data_origin,
        horizon.last_month
),

lags as (
    {{ number_rows('lag_months', 0, last_development_lag()) }}
),

final as (
    select
        origin.scheme_code,
        origin.channel_code,
        origin.service_month,
        lags.lag_months,
        origin.data_origin,
        origin.last_lag,
        cast(
            sum(case when summed.lag_months <= lags.lag_months then summed.pool_yuan else 0 end)
            as decimal(24, 2)
        ) as settled_yuan,
        origin.known_on
    from origin
    inner join lags on origin.last_lag >= lags.lag_months
    inner join summed
        on
            origin.scheme_code = summed.scheme_code
            and origin.channel_code = summed.channel_code
            and origin.service_month = summed.service_month
            and origin.data_origin = summed.data_origin
    group by
        origin.scheme_code,
        origin.channel_code,
        origin.service_month,
        lags.lag_months,
        origin.data_origin,
        origin.last_lag,
        origin.known_on
)

select * from final
