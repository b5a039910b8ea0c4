-- One row per measure, county, scheme and month held back: how far it is from what was shown.
with measured as (
    select * from {{ ref('dsc_measured') }}
),

before as (
    select * from {{ source('raw', 'shown_before') }}
),

rule as (
    select * from {{ ref('dsc_rules') }}
    where is_main
),

late as (
    select * from {{ ref('dsc_late_records') }}
),

changed as (
    select
        measured.measure_key,
        measured.data_origin,
        measured.region_code,
        measured.scheme_code,
        measured.month_end,
        measured.number - before.number as change,
        rule.count_measure,
        rule.least_count
    from measured
    inner join before
        on
            measured.measure_key = before.measure_key
            and measured.data_origin = before.data_origin
            and measured.region_code = before.region_code
            and measured.scheme_code = before.scheme_code
            and measured.month_end = before.month_end
    inner join rule on measured.measure_key = rule.measure_key
),

-- a correction leaves the count as it is: then the records that came since are counted
cell as (
    select
        changed.count_measure,
        changed.data_origin,
        changed.region_code,
        changed.scheme_code,
        changed.month_end,
        max(changed.least_count) as least_count,
        max(
            case when changed.measure_key = changed.count_measure then abs(changed.change) end
        ) as count_change
    from changed
    group by
        changed.count_measure,
        changed.data_origin,
        changed.region_code,
        changed.scheme_code,
        changed.month_end
    having bool_or(changed.change <> 0)
),

held_cell as (
    select cell.*
    from cell
    left join late
        on
            cell.data_origin = late.data_origin
            and cell.region_code = late.region_code
            and cell.scheme_code = late.scheme_code
            and cell.month_end = late.month_end
            and case
                when
                    cell.count_measure in (
                        'ip_visits', 'op_visits', 'opsp_visits', 'maternity_visits'
                    )
                    then cell.count_measure
                else 'visits'
            end = late.count_measure
    where
        coalesce(cell.count_change, 0) < cell.least_count
        and (cell.count_change > 0 or late.records_cnt < cell.least_count)
),

final as (
    select
        changed.measure_key,
        changed.data_origin,
        changed.region_code,
        changed.scheme_code,
        changed.month_end,
        max(changed.change) as change
    from changed
    inner join held_cell
        on
            changed.count_measure = held_cell.count_measure
            and changed.data_origin = held_cell.data_origin
            and changed.region_code = held_cell.region_code
            and changed.scheme_code = held_cell.scheme_code
            and changed.month_end = held_cell.month_end
    where changed.change <> 0
    group by
        changed.measure_key,
        changed.data_origin,
        changed.region_code,
        changed.scheme_code,
        changed.month_end
)

select * from final
