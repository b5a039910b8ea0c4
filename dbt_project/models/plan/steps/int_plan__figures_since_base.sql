-- One row per plan row and origin: its target beside the newest figure since the base, any break.
with target as (
    select * from {{ ref('dim_plan__target') }}
),

series_break as (
    select * from {{ ref('dim_reference__series_break') }}
),

observed as (
    select * from {{ ref('int_plan__evidence') }}
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
    where observed.data_origin = 'published'
    group by observed.plan_id, observed.row_no
),

-- the published figure is asked for of every row, the feeds' where there is one
evidence as (
    select
        plan_id,
        row_no,
        'published' as data_origin
    from target
    union all
    select
        plan_id,
        row_no,
        data_origin
    from observed
    where data_origin <> 'published'
),

final as (
    select
        target.plan_id,
        target.row_no,
        evidence.data_origin,
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
    inner join evidence on target.plan_id = evidence.plan_id and target.row_no = evidence.row_no
    left join observed
        on
            evidence.plan_id = observed.plan_id
            and evidence.row_no = observed.row_no
            and evidence.data_origin = observed.data_origin
    left join broken
        on
            evidence.plan_id = broken.plan_id
            and evidence.row_no = broken.row_no
            and evidence.data_origin = 'published'
)

select * from final
