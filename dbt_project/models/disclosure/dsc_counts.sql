-- One row per count of persons or visits, region, scheme and month: how many stand behind a figure.
with rule as (
    select * from {{ ref('dsc_rules') }}
    where count_measure is not null
),

measure as (
    select * from {{ ref('msr_month') }}
),

contributor as (
    select * from {{ ref('dsc_contributors') }}
),

counted as (
    select
        count_measure,
        max(least_count) as least_count
    from rule
    group by count_measure
),

-- an amount is counted by the visits it rests on, anything else counts itself
number as (
    select
        measure_key,
        measure_key as counted_column,
        data_origin,
        region_code,
        scheme_code,
        month_end,
        number
    from measure
    where measure_key not in (select contributor.measure_key from contributor)
    union all
    select
        measure_key,
        measure_key as counted_column,
        data_origin,
        region_code,
        scheme_code,
        month_end,
        number
    from {{ ref('msr_uninsured') }}
    union all
    select
        measure_key,
        counted_column,
        data_origin,
        region_code,
        scheme_code,
        month_end,
        number
    from contributor
),

final as (
    select
        counted.count_measure,
        number.counted_column,
        number.data_origin,
        number.region_code,
        number.scheme_code,
        number.month_end,
        counted.least_count,
        number.number
    from counted
    inner join number on counted.count_measure = number.measure_key
)

select * from final
