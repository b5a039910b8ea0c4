-- One row per region, date, status and kind of population as printed: insured over population.
with measure as (
    select * from {{ ref('int_published__measures_latest') }}
),

enrolled as (
    select * from measure
    where metric_key = 'enrolled_persons' and scheme_code = 'all' and period_basis = 'point'
),

population as (
    select * from measure
    where metric_key = 'aux_population' and period_basis = 'point' and number >= 1
),

series_break as (
    select * from {{ ref('series_break') }}
),

paired as (
    select
        enrolled.region_code,
        enrolled.period_end,
        enrolled.data_origin,
        enrolled.report_status,
        population.variant as population_kind,
        population.period_end as population_date,
        greatest(enrolled.known_on, population.known_on) as known_on,
        cast(enrolled.number as bigint) as enrolled_persons,
        cast(population.number as bigint) as population_persons,
        enrolled.value_key as enrolled_value_key,
        population.value_key as population_value_key
    from enrolled
    inner join population
        on
            enrolled.region_code = population.region_code
            and population.period_end <= enrolled.period_end
            and year(population.period_end) >= year(enrolled.period_end) - 2
    qualify row_number() over (
        partition by
            enrolled.region_code, enrolled.period_end, enrolled.data_origin, enrolled.report_status,
            population.variant
        order by population.period_end desc, population.report_status
    ) = 1
),

final as (
    select
        region_code,
        period_end,
        data_origin,
        report_status,
        population_kind,
        population_date,
        known_on,
        enrolled_persons,
        population_persons,
        {{ ratio('enrolled_persons', 'population_persons') }} as enrolment_rate,
        year(population_date) < year(period_end) as is_population_older,
        exists(
            select 1 from series_break
            where
                series_break.metric_key = 'enrolled_persons'
                and series_break.region_code = paired.region_code
                and series_break.break_date > paired.period_end
        ) as is_before_break,
        enrolled_value_key,
        population_value_key
    from paired
)

select * from final
