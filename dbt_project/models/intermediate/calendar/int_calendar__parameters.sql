-- One row per year that the feeds cover, parameter and scheme: its value at the end of the year.
with parameter as (
    select * from {{ ref('benefit_parameter') }}
),

calendar as (
    select year(month_end) as parameter_year
    from {{ ref('int_calendar__months') }}
    group by year(month_end)
),

ranked as (
    select
        calendar.parameter_year,
        parameter.parameter_key,
        parameter.scheme_code,
        parameter.value,
        row_number() over (
            partition by
                calendar.parameter_year, parameter.parameter_key, parameter.scheme_code
            order by parameter.valid_from desc
        ) as newness
    from calendar
    inner join parameter on parameter.valid_from <= make_date(calendar.parameter_year, 12, 31)
),

final as (
    select
        parameter_year,
        parameter_key,
        scheme_code,
        value
    from ranked
    where newness = 1
)

select * from final
