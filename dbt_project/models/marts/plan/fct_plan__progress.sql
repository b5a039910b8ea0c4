-- One row per plan row: the newest figure known since the base, and what it says against the target.
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

placed as (
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
            least(
                cast(observed.period_end - target.baseline_date as decimal(20, 10))
                / cast(target.target_date - target.baseline_date as decimal(20, 10)), 1
            ) as decimal(20, 10)
        ) as elapsed_rate
    from target
    left join observed on target.plan_id = observed.plan_id and target.row_no = observed.row_no
    left join broken on target.plan_id = broken.plan_id and target.row_no = broken.row_no
),

judged as (
    select
        *,
        case
            when break_zh is null and kind in ('at_least', 'at_most', 'about')
                then {{ ratio('actual_value - baseline_value', 'target_value - baseline_value') }}
        end as progress_rate,
        cast(baseline_value + (target_value - baseline_value) * elapsed_rate as decimal(28, 10))
            as expected_value,
        case when break_zh is null then cast(actual_value - target_value as decimal(28, 10)) end as gap_value,
        break_zh is null and actual_value is not null and actual_qualifier is null as is_judgeable,
        as_of_date >= target_date as is_final
    from placed
),

final as (
    select
        plan_id,
        row_no,
        metric_key,
        as_of_date,
        actual_basis,
        actual_start,
        report_status,
        actual_value,
        actual_qualifier,
        unit,
        elapsed_rate,
        expected_value,
        progress_rate,
        cast({{ ratio('progress_rate', 'elapsed_rate') }} as decimal(20, 10)) as progress_to_time_rate,
        gap_value,
        {{ plan_status() }} as auto_status,
        case
            when cell_status = 'AMBIGUOUS' then '原表单元格不明，核对原表前不计算'
            when kind = 'adapted' then '定性目标，列出证据，由人评定'
            when as_of_date is null then '基期之后没有公布数字'
            when break_zh is not null then break_zh
            when not is_judgeable then '只公布了“' || coalesce(actual_qualifier, '界限') || '”，不能据此判定'
            else '按' || case when is_final then '期末值' else '线性序时进度' end || '判定'
        end as reason_zh,
        case
            when cell_status = 'AMBIGUOUS' then 'Cell of the plan table unclear; not computed before the original is seen'
            when kind = 'adapted' then 'Qualitative target: evidence is listed, a person judges'
            when as_of_date is null then 'No figure has been published since the base'
            when break_en is not null then break_en
            when not is_judgeable then 'Only a bound or an approximate figure is published; no verdict'
            else 'Judged by ' || case when is_final then 'the final value' else 'the linear path' end
        end as reason_en,
        quality_flag,
        value_key
    from judged
)

select * from final
