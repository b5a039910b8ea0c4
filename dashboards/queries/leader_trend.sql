-- One row per exact or approximate value of one card of one region: a point of its chart.
with trend as (
    select * from report.leader_trend
),

indicator_value as (
    select * from indicator.value
),

registry as (
    select * from indicator.registry
),

display_unit as (
    select * from reference.display_unit
),

variant as (
    select * from indicator.variant
),

final as (
    select
        trend.scheme_code,
        trend.metric_key,
        registry.name_zh as metric_zh,
        registry.name_en as metric_en,
        trend.variant,
        variant.name_zh as variant_text_zh,
        variant.name_en as variant_text_en,
        trend.fund_scope,
        trend.period_basis,
        indicator_value.period_start,
        trend.period_end,
        trend.report_status,
        trend.segment,
        trend.shown_value,
        indicator_value.qualifier,
        display_unit.decimals,
        trend.unit_zh,
        trend.unit_en
    from trend
    inner join indicator_value on trend.value_key = indicator_value.value_key
    inner join registry on trend.metric_key = registry.metric_key
    inner join display_unit on registry.unit = display_unit.unit
    left join variant on trend.metric_key = variant.metric_key and trend.variant = variant.variant
    where
        trend.region_code = $region and trend.card_code = $card and trend.data_origin = $origin
    order by trend.scheme_code, trend.fund_scope, trend.report_status, trend.period_end
)

select * from final
