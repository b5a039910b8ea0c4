-- One row per measure of stays and their groups, region, scheme and month of discharge.
with stay_case as (
    select * from {{ ref('int_benefit__cases') }}
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

place as (
    select
        region_code,
        scheme_code,
        data_origin
    from stay_case
    group by region_code, scheme_code, data_origin
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
        {% for key, part in case_sums().items() -%}
            sum(case when stay_case.settlement_id is null then 0 else {{ part }} end) as {{ key }},
        {% endfor -%}
        coalesce(max(stay_case.last_known_on), max(covered.known_on)) as known_on
    from place
    inner join covered on place.data_origin = covered.data_origin
    left join stay_case
        on
            place.region_code = stay_case.region_code
            and place.scheme_code = stay_case.scheme_code
            and place.data_origin = stay_case.data_origin
            and covered.month_end = stay_case.month_end
    left join month_lock on covered.month_end = last_day(month_lock.month)
    group by place.region_code, place.scheme_code, covered.month_end, place.data_origin
),

final as (
    {{ measure_rows('wide', case_sums().keys()) }}
)

select * from final
where number is not null
