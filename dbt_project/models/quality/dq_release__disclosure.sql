-- One row per count of persons or visits, region and year: what of it is hidden.
with judged as (
    select * from {{ ref('dsc_judged') }}
),

final as (
    select
        count_measure,
        data_origin,
        region_code,
        disclosure_year,
        is_month_hidden,
        is_year_hidden,
        disclosure
    from judged
)

select * from final
