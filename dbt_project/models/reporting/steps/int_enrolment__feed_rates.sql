-- One row per region, date, status and kind of population of the feeds: insured over population.
with indicator_values as (
    select * from {{ ref('indicator_value') }}
    where data_origin <> 'published' and period_basis = 'point'
),

rate as (
    select * from indicator_values
    where metric_key = 'enrol_rate_basic' and variant in ('resident', 'registered')
),

enrolled as (
    select * from indicator_values
    where metric_key = 'enrolled_persons' and variant = 'all' and scheme_code = 'all'
),

population as (
    select * from {{ ref('msr_period') }}
    where
        measure_key in ('resident_population', 'registered_population')
        and scheme_code = 'all'
        and period_basis = 'month'
),

final as (
    select
        rate.region_code,
        rate.period_end,
        rate.data_origin,
        rate.report_status,
        rate.variant as population_kind,
        population.basis_date as population_date,
        rate.known_on,
        cast(rate.numerator as bigint) as enrolled_persons,
        cast(rate.denominator as bigint) as population_persons,
        cast(rate.value as decimal(20, 10)) as enrolment_rate,
        coalesce(year(population.basis_date) < year(rate.period_end), false) as is_population_older,
        false as is_before_break,
        enrolled.value_key as enrolled_value_key,
        cast(null as varchar) as population_value_key
    from rate
    left join enrolled
        on
            rate.region_code = enrolled.region_code
            and rate.period_end = enrolled.period_end
            and rate.data_origin = enrolled.data_origin
    left join population
        on
            rate.region_code = population.region_code
            and rate.period_end = population.period_end
            and rate.data_origin = population.data_origin
            and rate.variant || '_population' = population.measure_key
)

select * from final
