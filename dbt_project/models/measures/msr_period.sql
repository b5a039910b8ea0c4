-- One row per measure, region, scheme, scope and period: sum, number of months and last month.
with measure as (
    select * from {{ ref('msr_month') }}
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
    from {{ ref('msr_derived') }}
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
    group by all
    union all
    select * from {{ ref('msr_standardised') }}
    union all
    select * from {{ ref('msr_own_payment') }}
),

coverage as (
    select * from {{ ref('int_calendar__coverage') }}
),

covered as (
    select
        unioned.*,
        coalesce(own.is_flow, elsewhere.is_flow, false) as is_flow,
        least(unioned.completeness, coalesce(own.coverage, elsewhere.coverage, 1)) as came
    from unioned
    left join coverage as own
        on
            unioned.measure_key = own.measure_key
            and unioned.region_code = own.region_code
            and unioned.period_basis = own.period_basis
            and unioned.period_end = own.period_end
    left join coverage as elsewhere
        on
            unioned.measure_key = elsewhere.measure_key
            and elsewhere.region_code = 'any'
            and unioned.period_basis = elsewhere.period_basis
            and unioned.period_end = elsewhere.period_end
),

final as (
    select
        covered.measure_key,
        covered.region_code,
        covered.scheme_code,
        covered.fund_scope,
        covered.period_basis,
        covered.period_start,
        covered.period_end,
        covered.data_origin,
        covered.report_status,
        covered.total,
        covered.months_counted,
        covered.closing,
        covered.basis_date,
        cast(covered.came as decimal(10, 6)) as completeness,
        covered.known_on
    from covered
    left join measure_end on covered.measure_key = measure_end.measure_key
    where
        coalesce(covered.period_end <= measure_end.covered_until, true)
        and not (covered.is_flow and covered.came <= 0)
)

select * from final
