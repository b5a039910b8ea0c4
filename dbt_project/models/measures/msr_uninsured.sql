-- One row per kind of population and month: who of it is not insured (estimate, province only).
with measure as (
    select * from {{ ref('msr_month') }}
),

insured as (
    select * from measure
    where measure_key = 'insured' and scheme_code = 'all' and region_code = '460000'
),

population as (
    select * from measure
    where measure_key in ('resident_population', 'registered_population')
),

final as (
    select
        'uninsured_of_' || population.measure_key as measure_key,
        insured.region_code,
        insured.scheme_code,
        insured.fund_scope,
        insured.month_end,
        insured.data_origin,
        greatest(insured.report_status, population.report_status) as report_status,
        population.number - insured.number as number,
        population.basis_date,
        greatest(insured.known_on, population.known_on) as known_on,
        least(insured.coverage, population.coverage) as coverage
    from insured
    inner join population
        on
            insured.region_code = population.region_code
            and insured.month_end = population.month_end
            and insured.data_origin = population.data_origin
    where population.number >= insured.number
)

select * from final
