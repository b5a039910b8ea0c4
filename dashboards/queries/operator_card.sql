-- One row per indicator and the card of the leader's page or row of the plan that shows it.
with kpi as (
    select * from report.leader_kpi
),

board as (
    select * from report.planner_board
),

final as (
    select
        metric_key,
        'leader_page' as page,
        card_zh as name_zh,
        card_en as name_en
    from kpi
    union
    select
        metric_key,
        'planner_page' as page,
        name_zh,
        name_en
    from board
    where metric_key is not null
    order by all
)

select * from final
