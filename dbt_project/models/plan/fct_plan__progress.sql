-- One row per plan row and origin: the newest figure since the base and the verdict on it.
with placed as (
    select * from {{ ref('int_plan__figures_since_base') }}
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
        case when break_zh is null then cast(actual_value - target_value as decimal(28, 10)) end
            as gap_value,
        break_zh is null and actual_value is not null and actual_qualifier is null as is_judgeable,
        as_of_date >= target_date as is_final
    from placed
),

final as (
    select
        plan_id,
        row_no,
        data_origin,
        row_number() over (
            partition by plan_id, row_no
            order by (as_of_date is not null) desc, (data_origin = 'published') desc, data_origin
        ) = 1 as is_best_evidence,
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
        cast({{ ratio('progress_rate', 'elapsed_rate') }} as decimal(20, 10))
            as progress_to_time_rate,
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
            when
                cell_status = 'AMBIGUOUS'
                then 'Cell of the plan table unclear; not computed before the original is seen'
            when kind = 'adapted' then 'Qualitative target: evidence is listed, a person judges'
            when as_of_date is null then 'No figure has been published since the base'
            when break_en is not null then break_en
            when
                not is_judgeable
                then 'Only a bound or an approximate figure is published; no verdict'
            else
                'Judged by ' || case when is_final then 'the final value' else 'the linear path' end
        end as reason_en,
        quality_flag,
        value_key
    from judged
)

select * from final
