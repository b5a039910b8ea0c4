-- One row per count, region and year whose whole-year cell is hidden.
with region_year as (
    select * from {{ ref('dsc_regions') }}
),

hidden_month as (
    select * from {{ ref('dsc_hidden_months') }}
),

cell as (
    select * from {{ ref('dsc_cells') }}
),

candidate as (
    select
        region_year.count_measure,
        region_year.data_origin,
        region_year.region_code,
        region_year.disclosure_year,
        region_year.year_number,
        region_year.was_year_hidden as was_hidden,
        region_year.has_small_year as is_small,
        region_year.has_small_year
        or region_year.was_year_hidden
        or (region_year.was_month_shown and hidden_month.count_measure is not null) as must_hide
    from region_year
    left join hidden_month
        on
            region_year.count_measure = hidden_month.count_measure
            and region_year.data_origin = hidden_month.data_origin
            and region_year.region_code = hidden_month.region_code
            and region_year.disclosure_year = hidden_month.disclosure_year
),

part as (
    select
        count_measure,
        data_origin,
        region_code,
        year(month_end) as disclosure_year,
        concat_ws(' ', cell_kind, scheme_code) as part_code,
        max(least_count) as least_count,
        cast(sum(number) as decimal(38, 4)) as number,
        false as is_dominated
    from cell
    group by count_measure, data_origin, region_code, year(month_end), cell_kind, scheme_code
),

final as (
    {{ hidden_with_company('candidate', 'part') }}
)

select * from final
