-- One row per count, region (whole: both schemes) and year: whether it holds a small cell.
with cell as (
    select * from {{ ref('dsc_cells') }}
),

measure as (
    select * from {{ ref('measure') }}
),

before as (
    select * from {{ source('raw', 'disclosed_before') }}
),

-- in the province both schemes together are judged for themselves: a small one hides no sum
yearly as (
    select
        cell.count_measure,
        cell.data_origin,
        case
            when cell.region_code = '460000' and cell.scheme_code = 'all' then 'whole'
            else cell.region_code
        end as region_code,
        cell.scheme_code,
        cell.cell_kind,
        year(cell.month_end) as disclosure_year,
        max(cell.least_count) as least_count,
        bool_or({{ is_small_cell('cell.number', 'cell.least_count') }}) as has_small_month,
        -- the same persons come every month: the year has as many as its largest month
        cast(
            case measure.kind
                when 'recurring' then max(cell.number)
                else sum(cell.number)
            end as decimal(38, 4)
        ) as year_number
    from cell
    inner join measure on cell.count_measure = measure.measure_key
    group by
        cell.count_measure,
        cell.data_origin,
        cell.region_code,
        cell.scheme_code,
        cell.cell_kind,
        year(cell.month_end),
        measure.kind
),

judged as (
    select
        yearly.count_measure,
        yearly.data_origin,
        yearly.region_code,
        yearly.disclosure_year,
        bool_or(yearly.has_small_month) as has_small_month,
        bool_or(
            {{ is_small_cell('yearly.year_number', 'yearly.least_count') }}
            or measure.kind = 'stock' and yearly.has_small_month
        ) as has_small_year,
        max(
            case
                when yearly.scheme_code = 'all' and yearly.cell_kind = 'own' then yearly.year_number
            end
        ) as year_number
    from yearly
    inner join measure on yearly.count_measure = measure.measure_key
    group by
        yearly.count_measure, yearly.data_origin, yearly.region_code, yearly.disclosure_year
),

final as (
    select
        judged.count_measure,
        judged.data_origin,
        judged.region_code,
        judged.disclosure_year,
        judged.has_small_month,
        judged.has_small_year,
        coalesce(judged.year_number, 0) as year_number,
        coalesce(before.was_month_hidden, false) as was_month_hidden,
        coalesce(before.was_month_shown, false) as was_month_shown,
        coalesce(before.was_year_hidden, false) as was_year_hidden
    from judged
    left join before
        on
            judged.count_measure = before.count_measure
            and judged.data_origin = before.data_origin
            and judged.region_code = before.region_code
            and judged.disclosure_year = before.disclosure_year
)

select * from final
