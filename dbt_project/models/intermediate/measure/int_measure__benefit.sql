-- One row per measure of use and benefit, region, scheme and month.
with cell as (
    select * from {{ ref('fct_benefit__month') }}
),

month_lock as (
    select * from {{ source('raw', 'month_lock') }}
),

wide as (
    select
        cell.region_code,
        cell.scheme_code,
        'all' as fund_scope,
        cell.month_end,
        cell.data_origin,
        {% for key, parts in benefit_measures().items() -%}
            {{ measure_sum(parts) }} as {{ key }},
        {% endfor -%}
        max(cell.known_on) as known_on
    from cell
    group by cell.region_code, cell.scheme_code, cell.month_end, cell.data_origin
),

dated as (
    select
        wide.*,
        case when month_lock.month is null then 'preliminary' else 'final' end as report_status
    from wide
    left join month_lock on date_trunc('month', wide.month_end) = month_lock.month
),

final as (
    {{ measure_rows('dated', benefit_measures().keys()) }}
)

select * from final
