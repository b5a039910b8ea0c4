-- One row per year and region: disposable income per head, the newest of an earlier year.
with figure as (
    select * from {{ ref('stg_platform__reference_figure') }}
    where indicator_code = 'disposable_income_per_capita'
),

calendar as (
    select year(month_end) as income_year
    from {{ ref('int_calendar__months') }}
    group by year(month_end)
),

region as (
    select region_code from {{ ref('region') }}
    where substr(region_code, 1, 2) = '46'
),

ranked as (
    select
        calendar.income_year,
        region.region_code,
        figure.number as income_yuan,
        figure.known_on,
        row_number() over (
            partition by calendar.income_year, region.region_code
            order by
                case when figure.region_code = region.region_code then 0 else 1 end,
                figure.figure_year desc,
                figure.known_on desc,
                figure.caliber_name
        ) as precedence
    from calendar
    cross join region
    inner join figure
        on
            figure.figure_year < calendar.income_year
            and figure.region_code in (region.region_code, '460000')
),

final as (
    select
        income_year,
        region_code,
        income_yuan,
        known_on
    from ranked
    where precedence = 1
)

select * from final
