-- One row per finding, filtered; the three values are in the unit of the screen.
with finding as (
    select * from quality.finding
),

code as (
    select * from reference.code
),

final as (
    select
        finding.severity,
        severity.name_zh as severity_text_zh,
        severity.name_en as severity_text_en,
        finding.check_code,
        region.region_name as region_zh,
        region.name_en as region_en,
        scheme.name_zh as scheme_zh,
        scheme.name_en as scheme_en,
        registry.name_zh as metric_zh,
        registry.name_en as metric_en,
        finding.period_end,
        cast(finding.expected_value * display_unit.display_factor as decimal(28, 6)) as expected,
        cast(finding.found_value * display_unit.display_factor as decimal(28, 6)) as found,
        cast(finding.difference * display_unit.display_factor as decimal(28, 6)) as difference,
        display_unit.decimals,
        display_unit.name_zh as unit_zh,
        display_unit.name_en as unit_en,
        finding.message_zh,
        finding.message_en,
        finding.file_name,
        finding.record_number,
        finding.batch_id,
        release.release_id
    from finding
    cross join reference.release
    left join indicator.registry on finding.indicator_code = registry.metric_key
    left join reference.region on finding.region_code = region.region_code
    left join reference.display_unit on finding.unit = display_unit.unit
    left join code as scheme on finding.scheme_code = scheme.code and scheme.code_set = 'scheme'
    left join code as severity
        on finding.severity = severity.code and severity.code_set = 'severity'
    where
        ($severity = 'all' or finding.severity = $severity)
        and ($check = 'all' or finding.check_code = $check)
    order by
        severity.position,
        finding.period_end desc,
        finding.check_code,
        finding.rule,
        finding.region_code,
        finding.scheme_code,
        finding.fund_scope,
        finding.indicator_code,
        finding.file_name,
        finding.record_number
    limit $row_limit
)

select * from final
