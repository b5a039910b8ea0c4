-- One row per plan row and origin that has a value since the base: the newest one.
with target as (
    select * from {{ ref('dim_plan__target') }}
),

indicator_values as (
    select * from {{ ref('indicator_value') }}
),

-- an incomplete period of the feeds is no evidence; of one date the longest period counts
final as (
    select
        target.plan_id,
        target.row_no,
        indicator_values.data_origin,
        indicator_values.metric_key,
        indicator_values.region_code,
        indicator_values.scheme_code,
        indicator_values.period_basis,
        indicator_values.period_start,
        indicator_values.period_end,
        indicator_values.report_status,
        indicator_values.value,
        indicator_values.qualifier,
        indicator_values.quality_flag,
        indicator_values.value_key
    from target
    inner join indicator_values
        on
            target.metric_key = indicator_values.metric_key
            and case indicator_values.data_origin
                when 'published' then target.official_variant else target.feed_variant
            end = indicator_values.variant
    where
        indicator_values.region_code = '460000'
        and indicator_values.period_end > target.baseline_date
        and indicator_values.period_end <= target.target_date
        and (
            indicator_values.data_origin = 'published'
            or indicator_values.completeness = 1 and indicator_values.value is not null
        )
    qualify row_number() over (
        partition by target.plan_id, target.row_no, indicator_values.data_origin
        order by
            indicator_values.period_end desc,
            (indicator_values.scheme_code = 'all') desc,
            case indicator_values.period_basis
                when 'point' then 1
                when 'year' then 2
                when 't12' then 3
                when 'ytd' then 4
                when 'quarter' then 5
                else 6
            end,
            indicator_values.known_on desc,
            indicator_values.value_key
    ) = 1
)

select * from final
