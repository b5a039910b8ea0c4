-- One row: how many targets the plan has, and how many of them have figures or unclear cells.
select
    count(*) as targets,
    count(*) filter (where as_of_date is not null) as with_figures,
    count(*) filter (where cell_status = 'AMBIGUOUS') as unclear,
    count(*) filter (where attribute = '约束性') as binding
from report.planner_board
