-- 一行一类检查：数据核查问题的条数与最大差额
select
    check_code,
    severity,
    unit,
    count(*) as findings,
    max(abs(difference)) as largest_difference
from quality.finding
group by check_code, severity, unit
order by findings desc, check_code, unit
