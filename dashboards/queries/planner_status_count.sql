-- One row per verdict that occurs on the board, in the order of the code set.
with board as (
    select * from report.planner_board
),

code as (
    select * from reference.code
),

final as (
    select
        board.auto_status,
        board.status_zh,
        board.status_en,
        count(*) as targets
    from board
    left join code on board.auto_status = code.code and code.code_set = 'plan_status'
    group by board.auto_status, board.status_zh, board.status_en, code.position
    order by code.position
)

select * from final
