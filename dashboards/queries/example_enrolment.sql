-- 一行一个年份与状态：全国公布的参保人数（初步数、终审数分列）
select
    period_end,
    report_status,
    value as enrolled_persons,
    qualifier,
    quality_flag
from indicator.value
where
    data_origin = 'published'
    and metric_key = 'enrolled_persons'
    and region_code = '000000'
    and scheme_code = 'all'
order by period_end desc, report_status
