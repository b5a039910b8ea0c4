-- 一行一个来源、地区、险种、期末：可支付月数及其分子、分母（职工与居民不得合并）
select
    data_origin,
    region_name,
    scheme_code,
    period_end,
    variant,
    report_status,
    round(value, 1) as payable_months,
    numerator,
    denominator
from indicator.value
where metric_key in ('payable_months_pool', 'payable_months_resident')
order by data_origin, region_name, scheme_code, period_end, variant, report_status
