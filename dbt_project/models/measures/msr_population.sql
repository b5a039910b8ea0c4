-- One row per population figure, region and month: the newest year-end figure by then.
with figure as (
    select
        *,
        case
            when indicator_code in ('managed_hypertension_persons', 'managed_diabetes_persons')
                then 'managed_two_disease_persons'
            else indicator_code
        end as measure_key
    from {{ ref('stg_platform__reference_figure') }}
    where
        indicator_code in (
            'resident_population',
            'registered_population',
            'managed_hypertension_persons',
            'managed_diabetes_persons'
        )
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

newest as (
    select
        figure.*,
        calendar.month_end,
        calendar.data_origin as measure_origin,
        max(case when figure.region_code <> '460000' then figure.figure_year end) over (
            partition by figure.indicator_code, calendar.month_end
        ) as county_year,
        max(case when figure.region_code = '460000' then figure.figure_year end) over (
            partition by figure.indicator_code, calendar.month_end
        ) as province_year
    from calendar
    inner join figure on make_date(figure.figure_year, 12, 31) <= calendar.month_end
    qualify row_number() over (
        partition by figure.indicator_code, figure.region_code, calendar.month_end
        order by figure.figure_year desc, figure.known_on desc, figure.caliber_name
    ) = 1
),

placed as (
    select
        *,
        region_code as measure_region
    from newest
    union all
    select
        *,
        '460000' as measure_region
    from newest
    where region_code <> '460000' and figure_year = county_year and province_year is null
),

final as (
    select
        measure_key,
        measure_region as region_code,
        'all' as scheme_code,
        'all' as fund_scope,
        month_end,
        measure_origin as data_origin,
        'final' as report_status,
        cast(sum(number) as decimal(28, 4)) as number,
        max(known_on) as known_on,
        min(make_date(figure_year, 12, 31)) as basis_date
    from placed
    group by measure_key, measure_region, month_end, measure_origin
)

select * from final
