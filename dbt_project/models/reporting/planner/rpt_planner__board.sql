-- One row per plan row: base, target, newest figure, progress and verdict as shown.
with target as (
    select * from {{ ref('dim_plan__target') }}
),

progress as (
    select * from {{ ref('fct_plan__progress') }}
    where is_best_evidence
),

display_unit as (
    select * from {{ ref('dim_reference__display_unit') }}
),

code as (
    select * from {{ ref('dim_reference__code') }}
),

source as (
    select * from {{ ref('int_indicator__sources') }}
),

final as (
    select
        target.plan_id,
        target.row_no,
        target.category_zh,
        target.category_en,
        target.name_zh,
        target.name_en,
        target.metric_key,
        target.attribute,
        target.kind,
        target.cell_status,
        coalesce(target.baseline_text, '原表单元格不明') as baseline_zh,
        coalesce(target.target_text, '原表单元格不明') as target_zh,
        target.raw_text,
        cast(progress.actual_value * display_unit.display_factor as decimal(28, 6)) as shown_actual,
        progress.actual_qualifier,
        progress.data_origin,
        progress.actual_basis,
        progress.as_of_date,
        display_unit.decimals,
        display_unit.name_zh as unit_zh,
        display_unit.name_en as unit_en,
        progress.elapsed_rate,
        progress.progress_rate,
        progress.auto_status,
        code.name_zh as status_zh,
        code.name_en as status_en,
        progress.reason_zh,
        progress.reason_en,
        target.goal_zh,
        target.owner,
        target.document,
        target.denominator_spec,
        target.tolerance_note,
        target.evidence_note,
        source.source_zh,
        source.file_name,
        source.record_number,
        progress.value_key
    from target
    inner join progress on target.plan_id = progress.plan_id and target.row_no = progress.row_no
    left join display_unit on target.unit = display_unit.unit
    left join code on progress.auto_status = code.code and code.code_set = 'plan_status'
    left join source on progress.value_key = source.value_key
)

select * from final
