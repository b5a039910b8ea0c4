-- One row per measure, region, scheme, scope and period: sum, number of months and last month.
with measure as (
    select * from {{ ref('int_measure__months') }}
    union all
    select
        measure_key,
        region_code,
        scheme_code,
        fund_scope,
        month_end,
        data_origin,
        report_status,
        number,
        basis_date,
        known_on,
        coverage
    from {{ ref('int_measure__derived') }}
),

span as (
    select * from {{ ref('int_calendar__spans') }}
),

feed as (
    select * from {{ ref('int_calendar__feeds') }}
),

-- a measure ends with the first of its feeds that ends
measure_end as (
    select
        named.measure_key,
        min(feed.covered_until) as covered_until
    from (
        select
            measure_key,
            unnest(string_split(feeds, ';')) as feed
        from {{ ref('measure') }}
    ) as named
    inner join feed on named.feed = feed.feed
    group by named.measure_key
),

unioned as (
    select
        measure.measure_key,
        measure.region_code,
        measure.scheme_code,
        measure.fund_scope,
        span.period_basis,
        span.period_start,
        span.period_end,
        measure.data_origin,
        max(measure.report_status) as report_status,
        cast(sum(measure.number) as decimal(38, 10)) as total,
        count(*) as months_counted,
        max(case when measure.month_end = span.period_end then measure.number end) as closing,
        max(case when measure.month_end = span.period_end then measure.basis_date end)
            as basis_date,
        cast(
            {{ ratio('sum(measure.coverage)', 'max(span.months_needed)') }} as decimal(10, 6)
        ) as completeness,
        max(measure.known_on) as known_on
    from measure
    inner join span on measure.month_end = span.month_end
    group by
        measure.measure_key,
        measure.region_code,
        measure.scheme_code,
        measure.fund_scope,
        span.period_basis,
        span.period_start,
        span.period_end,
        measure.data_origin
    union all
    select * from {{ ref('int_measure__standardised') }}
    union all
    select * from {{ ref('int_measure__own_payment') }}
),

final as (
    select
        unioned.measure_key,
        unioned.region_code,
        unioned.scheme_code,
        unioned.fund_scope,
        unioned.period_basis,
        unioned.period_start,
        unioned.period_end,
        unioned.data_origin,
        unioned.report_status,
        unioned.total,
        unioned.months_counted,
        unioned.closing,
        unioned.basis_date,
        unioned.completeness,
        unioned.known_on
    from unioned
    left join measure_end on unioned.measure_key = measure_end.measure_key
    where
        measure_end.covered_until is null
        or unioned.period_end <= measure_end.covered_until
)

select * from final
