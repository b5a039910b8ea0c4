-- One row per plan row: base, target, newest figure, progress, verdict and what they rest on.
with board as (
    select * from report.planner_board
),

series as (
    select * from reference.series
),

final as (
    select
        board.row_no,
        board.category_zh,
        board.category_en,
        board.name_zh,
        board.name_en,
        board.attribute,
        board.kind,
        board.cell_status,
        board.baseline_zh as baseline,
        board.target_zh as target,
        board.raw_text,
        board.shown_actual,
        board.actual_qualifier,
        board.data_origin,
        board.actual_basis,
        cast(date_trunc('year', board.as_of_date) as date) as year_start,
        board.as_of_date,
        board.decimals,
        board.unit_zh,
        board.unit_en,
        board.elapsed_rate,
        board.progress_rate,
        board.auto_status,
        board.status_zh,
        board.status_en,
        board.reason_zh,
        board.reason_en,
        board.goal_zh as goal,
        board.owner,
        board.document,
        board.denominator_spec,
        board.tolerance_note,
        board.evidence_note,
        board.source_zh,
        series.name_en as source_en,
        board.file_name,
        board.record_number
    from board
    left join series on board.source_zh = series.name_zh
    order by board.row_no
)

select * from final
