-- One row per measure, county, scheme and month: the number that the counties' figures rest on.
with measured as (
    select * from {{ ref('dsc_measured') }}
),

held as (
    select * from {{ ref('dsc_held') }}
),

final as (
    select
        measured.measure_key,
        measured.data_origin,
        measured.region_code,
        measured.scheme_code,
        measured.month_end,
        cast(measured.number - coalesce(held.change, 0) as decimal(38, 10)) as number,
        held.change is not null as is_held
    from measured
    left join held
        on
            measured.measure_key = held.measure_key
            and measured.data_origin = held.data_origin
            and measured.region_code = held.region_code
            and measured.scheme_code = held.scheme_code
            and measured.month_end = held.month_end
)

select * from final
