-- One row per plan and task, special column or item of one.
with final as (
    select
        plan_id,
        item_id,
        level,
        parent_id,
        name_zh,
        name_en,
        trackable_zh,
        kind,
        cast(due_date as date) as due_date,
        target_figure_id,
        metric_keys
    from {{ ref('plan_item') }}
)

select * from final
