-- One row per card and scheme of one region: the newest published value, defined and sourced.
with kpi as (
    select * from report.leader_kpi
),

series as (
    select * from reference.series
),

final as (
    select
        kpi.card_code,
        kpi.card_zh,
        kpi.card_en,
        kpi.scheme_code,
        kpi.variant_zh,
        kpi.variant_en,
        kpi.fund_scope,
        kpi.period_basis,
        kpi.period_start,
        kpi.period_end,
        kpi.data_origin,
        kpi.report_status,
        kpi.known_on,
        kpi.shown_value,
        kpi.qualifier,
        kpi.decimals,
        kpi.unit_zh,
        kpi.unit_en,
        kpi.change_kind,
        kpi.shown_change,
        kpi.previous_period_end,
        kpi.break_zh as break__zh,
        kpi.break_en as break__en,
        kpi.target_text,
        kpi.plan_status,
        kpi.plan_status_zh as plan_verdict_zh,
        kpi.plan_status_en as plan_verdict_en,
        kpi.plan_origin,
        kpi.signal,
        kpi.signal_zh as signal_text_zh,
        kpi.signal_en as signal_text_en,
        kpi.quality_flag,
        kpi.is_unconfirmed,
        kpi.is_computed,
        kpi.metric_zh,
        kpi.metric_en,
        kpi.definition_zh,
        kpi.definition_en,
        kpi.numerator_zh,
        kpi.numerator_en,
        kpi.denominator_zh,
        kpi.denominator_en,
        kpi.owner,
        kpi.definition_version,
        kpi.source_zh,
        series.name_en as source_en,
        kpi.file_name,
        kpi.record_number,
        kpi.batch_id
    from kpi
    left join series on kpi.source_zh = series.name_zh
    where kpi.region_code = $region and kpi.data_origin = $origin
    order by kpi.position, kpi.scheme_code
)

select * from final
