-- One row per count, region and year whose cells within the year are hidden.
with region_year as (
    select * from {{ ref('int_disclosure__regions') }}
),

cell as (
    select * from {{ ref('int_disclosure__cells') }}
    where cell_kind = 'own'
),

dominant as (
    select * from {{ ref('int_disclosure__dominant') }}
),

candidate as (
    select
        region_year.count_measure,
        region_year.data_origin,
        region_year.region_code,
        region_year.disclosure_year,
        region_year.year_number,
        region_year.was_month_hidden as was_hidden,
        region_year.has_small_month or dominant.count_measure is not null as is_small,
        region_year.has_small_month
        or dominant.count_measure is not null
        or region_year.was_month_hidden as must_hide
    from region_year
    left join dominant
        on
            region_year.count_measure = dominant.count_measure
            and region_year.data_origin = dominant.data_origin
            and region_year.region_code = dominant.region_code
            and region_year.disclosure_year = dominant.disclosure_year
),

part as (
    select
        count_measure,
        data_origin,
        region_code,
        year(month_end) as disclosure_year,
        scheme_code || ' ' || cast(month_end as varchar) as part_code,
        least_count,
        number
    from cell
),

final as (
    {{ hidden_with_company('candidate', 'part') }}
)

select * from final
