-- One row per plan and row of its table; numbers come from figures, unclear cells stay NULL.
with plan_target as (
    select * from {{ ref('plan_target') }}
),

figure as (
    select * from {{ ref('stg_published__figure') }}
    where is_newest
),

registry as (
    select * from {{ ref('registry') }}
),

final as (
    select
        plan_target.plan_id,
        plan_target.row_no,
        plan_target.category_zh,
        plan_target.category_en,
        plan_target.name_zh,
        plan_target.name_en,
        plan_target.metric_key,
        plan_target.official_variant,
        plan_target.feed_variant,
        plan_target.attribute,
        plan_target.kind,
        date '2020-12-31' as baseline_date,
        date '2025-12-31' as target_date,
        case
            when plan_target.cell_status = 'clear' and baseline.bound = 'none'
                then cast(baseline.value_normalised as decimal(28, 10))
        end as baseline_value,
        plan_target.baseline_text,
        case
            when
                plan_target.cell_status = 'clear'
                then cast(target.value_normalised as decimal(28, 10))
        end as target_value,
        plan_target.target_qualifier,
        plan_target.target_text,
        plan_target.raw_text,
        registry.unit,
        plan_target.cell_status,
        cast(plan_target.tolerance as decimal(20, 10)) as tolerance,
        plan_target.tolerance_note,
        plan_target.direction,
        plan_target.denominator_spec,
        plan_target.definition_version,
        plan_target.document,
        plan_target.goal_zh,
        plan_target.owner,
        plan_target.evidence_note,
        plan_target.baseline_figure_id,
        plan_target.target_figure_id,
        plan_target.unplaced_figure_id
    from plan_target
    inner join registry on plan_target.metric_key = registry.metric_key
    left join figure as baseline on plan_target.baseline_figure_id = baseline.figure_id
    left join figure as target on plan_target.target_figure_id = target.figure_id
)

select * from final
