-- One row per region, date, origin, status and kind of population: insured over population.
with printed as (
    select * from {{ ref('int_enrolment__printed_rates') }}
),

of_feeds as (
    select * from {{ ref('int_enrolment__feed_rates') }}
),

final as (
    {% for part in ['printed', 'of_feeds'] -%}
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
            enrolment_rate,
            is_population_older,
            is_before_break,
            enrolled_value_key,
            population_value_key
        from {{ part }}
        {{ "union all" if not loop.last }}
    {% endfor -%}
)

select * from final
