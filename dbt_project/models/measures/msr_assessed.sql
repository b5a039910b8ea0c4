-- One row per region and month with scores: points of the scored items, complete by their weight.
with measure as (
    select * from {{ ref('msr_month') }}
),

scored as (
    select * from measure
    where measure_key = 'assessment_weight'
),

whole as (
    select * from measure
    where measure_key = 'assessment_weight_all'
),

final as (
    select
        'assessed_points' as measure_key,
        points.region_code,
        points.scheme_code,
        points.fund_scope,
        points.month_end,
        points.data_origin,
        points.report_status,
        points.number,
        points.basis_date,
        points.known_on,
        cast({{ ratio('scored.number', 'whole.number') }} as decimal(20, 10)) as coverage
    from measure as points
    inner join scored
        on
            points.region_code = scored.region_code
            and points.month_end = scored.month_end
            and points.data_origin = scored.data_origin
    inner join whole
        on
            points.region_code = whole.region_code
            and points.month_end = whole.month_end
            and points.data_origin = whole.data_origin
    where points.measure_key = 'assessment_points'
)

select * from final
