-- One row per measure of use and benefit, region, scheme and month.
with cell as (
    select * from {{ ref('fct_benefit__month') }}
),

month_lock as (
    select * from {{ source('raw', 'month_lock') }}
),

county as (
    select
        region_code,
        scheme_code
    from cell
    group by region_code, scheme_code
),

covered as (
    select
        month_end,
        data_origin,
        max(known_on) as known_on
    from cell
    group by month_end, data_origin
),

place as (
    select
        county.region_code,
        county.scheme_code,
        covered.month_end,
        covered.data_origin,
        covered.known_on as month_known_on
    from county
    cross join covered
),

wide as (
    select
        place.region_code,
        place.scheme_code,
        'all' as fund_scope,
        place.month_end,
        place.data_origin,
        {% for key, parts in benefit_measures().items() -%}
            {{ measure_sum(parts) }} as {{ key }},
        {% endfor -%}
        max(place.month_known_on) as known_on
    from place
    left join cell
        on
            place.region_code = cell.region_code
            and place.scheme_code = cell.scheme_code
            and place.month_end = cell.month_end
            and place.data_origin = cell.data_origin
    group by place.region_code, place.scheme_code, place.month_end, place.data_origin
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
