-- One row per count, region and year whose cells within the year are hidden.
with region_year as (
    select * from {{ ref('dsc_regions') }}
),

cell as (
    select * from {{ ref('dsc_cells') }}
),

dominant_cell as (
    select * from {{ ref('dsc_dominant') }}
),

dominant as (
    select
        count_measure,
        data_origin,
        region_code,
        year(month_end) as disclosure_year
    from dominant_cell
    group by count_measure, data_origin, region_code, year(month_end)
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
        cell.count_measure,
        cell.data_origin,
        cell.region_code,
        year(cell.month_end) as disclosure_year,
        concat_ws(' ', cell.cell_kind, cell.scheme_code, cell.month_end) as part_code,
        cell.least_count,
        cell.number,
        dominant_cell.count_measure is not null as is_dominated
    from cell
    left join dominant_cell
        on
            cell.cell_kind = 'own'
            and cell.count_measure = dominant_cell.count_measure
            and cell.data_origin = dominant_cell.data_origin
            and cell.region_code = dominant_cell.region_code
            and cell.scheme_code = dominant_cell.scheme_code
            and cell.month_end = dominant_cell.month_end
),

final as (
    {{ hidden_with_company('candidate', 'part') }}
)

select * from final
