-- One row per period, region and scheme: what a stay costs the person, mean and percentiles.
with stay as (
    select * from {{ ref('int_benefit__stays') }}
),

span as (
    select * from {{ ref('int_calendar__spans') }}
    where period_basis in ('month', 'year')
),

final as (
    select
        span.period_basis,
        span.period_end,
        case when grouping(stay.region_code) = 1 then '460000' else stay.region_code end
            as region_code,
        case when grouping(stay.scheme_code) = 1 then 'all' else stay.scheme_code end
            as scheme_code,
        stay.data_origin,
        cast(count(*) as bigint) as stay_cnt,
        cast(sum(stay.person_yuan) as decimal(24, 2)) as person_yuan,
        {{ ratio('sum(stay.person_yuan)', 'count(*)') }} as mean_yuan,
        cast(percentile_disc(0.5) within group (order by stay.person_yuan) as decimal(20, 2))
            as median_yuan,
        cast(percentile_disc(0.9) within group (order by stay.person_yuan) as decimal(20, 2))
            as p90_yuan,
        max(stay.known_on) as known_on
    from stay
    inner join span
        on stay.month_start = span.month_start and stay.data_origin = span.data_origin
    group by
        span.period_basis,
        span.period_end,
        stay.data_origin,
        grouping sets (
            (stay.region_code, stay.scheme_code), (stay.region_code), (stay.scheme_code), ()
        )
)

select * from final
