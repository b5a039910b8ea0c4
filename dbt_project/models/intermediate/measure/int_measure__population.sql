-- One row per population figure, region and month: the newest year-end figure by then.
with figure as (
    select * from {{ ref('stg_platform__reference_figure') }}
    where indicator_code in ('resident_population', 'registered_population')
    qualify
        region_code <> '460000'
        or count(*) over (partition by indicator_code, figure_year, caliber_name) = 1
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

final as (
    select
        figure.indicator_code as measure_key,
        figure.region_code,
        'all' as scheme_code,
        'all' as fund_scope,
        calendar.month_end,
        calendar.data_origin,
        'final' as report_status,
        cast(figure.number as decimal(28, 4)) as number,
        figure.known_on,
        make_date(figure.figure_year, 12, 31) as basis_date
    from calendar
    inner join figure on make_date(figure.figure_year, 12, 31) <= calendar.month_end
    qualify row_number() over (
        partition by figure.indicator_code, figure.region_code, calendar.month_end
        order by figure.figure_year desc, figure.known_on desc, figure.caliber_name
    ) = 1
)

select * from final
