-- One row per measure of persons, region, scheme and month: its change in the benefit year.
with progress as (
    select * from {{ ref('int_benefit__person_progress') }}
),

parameter as (
    select * from {{ ref('int_calendar__parameters') }}
),

covered as (
    select
        month_end,
        data_origin,
        max(known_on) as known_on
    from {{ ref('fct_benefit__month') }}
    group by month_end, data_origin
),

month_lock as (
    select * from {{ source('raw', 'month_lock') }}
),

scheme as (
    select scheme_code
    from progress
    group by scheme_code
),

in_force as (
    select
        parameter.parameter_year,
        scheme.scheme_code,
        {{ parameter_columns(person_parameters()) }}
    from parameter
    inner join scheme on parameter.scheme_code in ('all', scheme.scheme_code)
    group by parameter.parameter_year, scheme.scheme_code
),

stated as (
    select
        progress.psn_key,
        progress.benefit_year,
        progress.counted_month,
        progress.region_code,
        progress.scheme_code,
        progress.data_origin,
        {% for key, state in person_measures().items() -%}
            coalesce({{ state }}, 0) as {{ key }},
        {% endfor -%}
        progress.known_on
    from progress
    inner join in_force
        on
            progress.benefit_year = in_force.parameter_year
            and progress.scheme_code = in_force.scheme_code
),

changed as (
    select
        counted_month,
        region_code,
        scheme_code,
        data_origin,
        {% for key in person_measures() -%}
            {{ key }} - coalesce(lag({{ key }}) over earlier, 0) as {{ key }},
        {% endfor -%}
        known_on
    from stated
    window earlier as (
        partition by psn_key, benefit_year, region_code, scheme_code, data_origin
        order by counted_month
    )
),

place as (
    select
        case when grouping(region_code) = 1 then '460000' else region_code end as region_code,
        case when grouping(scheme_code) = 1 then 'all' else scheme_code end as scheme_code,
        data_origin
    from {{ ref('msr_places') }}
    group by
        data_origin,
        grouping sets ((region_code, scheme_code), (region_code), (scheme_code), ())
    having not (grouping(region_code) = 0 and max(region_code) = '460000')
),

wide as (
    select
        place.region_code,
        place.scheme_code,
        'all' as fund_scope,
        covered.month_end,
        place.data_origin,
        max(case when month_lock.month is null then 'preliminary' else 'final' end)
            as report_status,
        {% for key in person_measures() -%}
            sum(coalesce(changed.{{ key }}, 0)) as {{ key }},
        {% endfor -%}
        {% for key in amounts_of_persons() -%}
            sum(case when changed.{{ key }} <> 0 then 1 else 0 end) as {{ key }}_persons,
        {% endfor -%}
        greatest(max(covered.known_on), coalesce(max(changed.known_on), max(covered.known_on)))
            as known_on
    from place
    inner join covered on place.data_origin = covered.data_origin
    left join changed
        on
            place.region_code = changed.region_code
            and place.scheme_code = changed.scheme_code
            and place.data_origin = changed.data_origin
            and covered.month_end = last_day(changed.counted_month)
    left join month_lock on covered.month_end = last_day(month_lock.month)
    group by place.region_code, place.scheme_code, covered.month_end, place.data_origin
),

final as (
    {{ measure_rows('wide', person_measures().keys() | list + persons_behind()) }}
)

select * from final
