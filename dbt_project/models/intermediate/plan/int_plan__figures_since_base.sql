-- One row per plan row: its target beside the newest figure since the base, and any break between.
with target as (
    select * from {{ ref('dim_plan__target') }}
),

indicator_values as (
    select * from {{ ref('indicator_value') }}
),

series_break as (
    select * from {{ ref('dim_reference__series_break') }}
),

observed as (
    select
        target.plan_id,
        target.row_no,
        indicator_values.*
    from target
    inner join indicator_values
        on
            target.metric_key = indicator_values.metric_key
            and target.official_variant = indicator_values.variant
    where
        indicator_values.region_code = '460000'
        and indicator_values.data_origin = 'published'
        and indicator_values.period_end > target.baseline_date
    qualify row_number() over (
        partition by target.plan_id, target.row_no
        order by
            indicator_values.period_end desc,
            (indicator_values.scheme_code = 'all') desc,
            indicator_values.known_on desc,
            indicator_values.value_key
    ) = 1
),

broken as (
    select
        observed.plan_id,
        observed.row_no,
        min(series_break.reason_zh) as break_zh,
        min(series_break.reason_en) as break_en
    from observed
    inner join series_break
        on
            observed.metric_key = series_break.metric_key
            and observed.region_code = series_break.region_code
            and observed.scheme_code = series_break.scheme_code
            and observed.period_end >= series_break.break_date
    group by observed.plan_id, observed.row_no
),

final as (
    select
        target.plan_id,
        target.row_no,
        target.metric_key,
        target.kind,
        target.cell_status,
        target.baseline_date,
        target.target_date,
        target.baseline_value,
        target.target_value,
        target.tolerance,
        target.unit,
        observed.period_basis as actual_basis,
        observed.period_start as actual_start,
        observed.period_end as as_of_date,
        observed.report_status,
        observed.value as actual_value,
        observed.qualifier as actual_qualifier,
        observed.quality_flag,
        observed.value_key,
        broken.break_zh,
        broken.break_en,
        cast(
            case
                when observed.period_end >= target.target_date then 1
                else
                    cast(observed.period_end - target.baseline_date as decimal(20, 10))
                    / cast(target.target_date - target.baseline_date as decimal(20, 10))
            end as decimal(20, 10)
        ) as elapsed_rate
    from target
    left join observed on target.plan_id = observed.plan_id and target.row_no = observed.row_no
    left join broken on target.plan_id = broken.plan_id and target.row_no = broken.row_no
)

select * from final
