-- One row per card and scheme of one region, as exported.
with kpi as (
    select * from report.leader_kpi
),

code as (
    select * from reference.code
),

region as (
    select * from reference.region
),

release as (
    select * from reference.release
),

final as (
    select
        region.region_name as region_zh,
        region.name_en as region_en,
        kpi.card_zh,
        kpi.card_en,
        scheme.name_zh as scheme_zh,
        scheme.name_en as scheme_en,
        kpi.period_start,
        kpi.period_end,
        basis.name_zh as basis_zh,
        basis.name_en as basis_en,
        kpi.shown_value,
        kpi.qualifier,
        kpi.unit_zh,
        kpi.unit_en,
        kpi.shown_change,
        kpi.previous_period_end,
        kpi.target_text,
        kpi.signal_zh,
        kpi.signal_en,
        status.name_zh as status_zh,
        status.name_en as status_en,
        scope.name_zh as scope_zh,
        scope.name_en as scope_en,
        kpi.variant_zh,
        kpi.variant_en,
        kpi.is_unconfirmed,
        kpi.break_zh,
        kpi.break_en,
        kpi.definition_version,
        kpi.source_zh as source,
        kpi.file_name,
        kpi.record_number,
        kpi.batch_id,
        kpi.known_on,
        release.release_id
    from kpi
    cross join release
    left join region on kpi.region_code = region.region_code
    left join code as scheme on kpi.scheme_code = scheme.code and scheme.code_set = 'scheme'
    left join code as basis on kpi.period_basis = basis.code and basis.code_set = 'period_basis'
    left join code as status
        on kpi.report_status = status.code and status.code_set = 'report_status'
    left join code as scope on kpi.fund_scope = scope.code and scope.code_set = 'fund_scope'
    where kpi.region_code = $region and kpi.data_origin = $origin
    order by kpi.position, kpi.scheme_code
)

select * from final
