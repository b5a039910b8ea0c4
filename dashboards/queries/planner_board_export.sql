-- One row per plan row, as exported.
select
    planner_board.row_no,
    planner_board.category_zh,
    planner_board.category_en,
    planner_board.name_zh,
    planner_board.name_en,
    planner_board.attribute,
    planner_board.baseline_zh as baseline,
    planner_board.target_zh as target,
    planner_board.raw_text,
    planner_board.shown_actual as shown_value,
    planner_board.actual_qualifier as qualifier,
    planner_board.unit_zh,
    planner_board.unit_en,
    planner_board.as_of_date,
    planner_board.elapsed_rate,
    planner_board.progress_rate,
    planner_board.status_zh,
    planner_board.status_en,
    planner_board.reason_zh,
    planner_board.reason_en,
    planner_board.owner,
    planner_board.document,
    planner_board.denominator_spec,
    planner_board.tolerance_note,
    planner_board.evidence_note,
    planner_board.source_zh as source,
    planner_board.file_name,
    planner_board.record_number,
    release.release_id
from report.planner_board
cross join reference.release
order by planner_board.row_no
