-- One row per measure with a count behind it, county, scheme and month: the number as it is now.
with measure as (
    select * from {{ ref('msr_month') }}
    where fund_scope = 'all' and region_code <> '460000'
),

rule as (
    select measure_key from {{ ref('dsc_rules') }}
    where count_measure is not null
    group by measure_key
),

final as (
    select
        measure.measure_key,
        measure.data_origin,
        measure.region_code,
        measure.scheme_code,
        measure.month_end,
        measure.number
    from measure
    inner join rule on measure.measure_key = rule.measure_key
    qualify
        measure.scheme_code <> 'all'
        or count(case when measure.scheme_code <> 'all' then 1 end) over (
            partition by measure.measure_key
        ) = 0
)

select * from final
