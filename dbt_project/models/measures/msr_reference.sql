-- One row per measure of health expenditure, region and year-end: the newest revision of that year.
with figure as (
    select
        *,
        row_number() over (
            partition by indicator_code, region_code, figure_year
            order by known_on desc, caliber_name
        ) as precedence
    from {{ ref('stg_platform__reference_figure') }}
    where indicator_code in ('personal_health_expenditure', 'total_health_expenditure')
),

final as (
    select
        indicator_code as measure_key,
        region_code,
        'all' as scheme_code,
        'all' as fund_scope,
        make_date(figure_year, 12, 31) as month_end,
        data_origin,
        'final' as report_status,
        cast(
            number
            * case printed_unit when '亿元' then 100000000 when '万元' then 10000 else 1 end
            as decimal(28, 4)
        ) as number,
        known_on
    from figure
    where precedence = 1
)

select * from final
