-- One row per count, region and year: what of it is hidden.
with region_year as (
    select * from {{ ref('dsc_regions') }}
),

hidden_month as (
    select * from {{ ref('dsc_hidden_months') }}
),

hidden_year as (
    select * from {{ ref('dsc_hidden_years') }}
),

final as (
    select
        region_year.count_measure,
        region_year.data_origin,
        region_year.region_code,
        cast(region_year.disclosure_year as integer) as disclosure_year,
        hidden_month.count_measure is not null as is_month_hidden,
        hidden_year.count_measure is not null as is_year_hidden,
        coalesce(hidden_month.disclosure, hidden_year.disclosure, 'open') as disclosure
    from region_year
    left join hidden_month
        on
            region_year.count_measure = hidden_month.count_measure
            and region_year.data_origin = hidden_month.data_origin
            and region_year.region_code = hidden_month.region_code
            and region_year.disclosure_year = hidden_month.disclosure_year
    left join hidden_year
        on
            region_year.count_measure = hidden_year.count_measure
            and region_year.data_origin = hidden_year.data_origin
            and region_year.region_code = hidden_year.region_code
            and region_year.disclosure_year = hidden_year.disclosure_year
)

select * from final
