-- One row per severity and kind of check that occur among the findings.
with finding as (
    select * from quality.finding
),

code as (
    select * from reference.code
),

final as (
    select
        finding.severity,
        code.name_zh as severity_text_zh,
        code.name_en as severity_text_en,
        finding.check_code,
        count(*) as findings
    from finding
    left join code on finding.severity = code.code and code.code_set = 'severity'
    group by finding.severity, code.name_zh, code.name_en, code.position, finding.check_code
    order by code.position, findings desc, finding.check_code
)

select * from final
