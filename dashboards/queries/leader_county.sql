-- One row per county, scheme and scope of one card: newest value, last year, the province.
with county as (
    select * from report.leader_county
),

code as (
    select * from reference.code
),

final as (
    select
        county.region_zh,
        county.region_en,
        scheme.name_zh as scheme_zh,
        scheme.name_en as scheme_en,
        scope.name_zh as scope_zh,
        scope.name_en as scope_en,
        county.metric_zh,
        county.metric_en,
        county.period_basis,
        county.period_start,
        county.period_end,
        county.shown_value,
        county.qualifier,
        county.shown_last_year,
        county.shown_province,
        county.decimals,
        county.unit_zh,
        county.unit_en
    from county
    left join code as scheme
        on county.scheme_code = scheme.code and scheme.code_set = 'scheme'
    left join code as scope
        on county.fund_scope = scope.code and scope.code_set = 'fund_scope'
    where county.card_code = $card and county.data_origin = $origin
    order by county.metric_key, county.scheme_code, county.fund_scope, county.region_code
)

select * from final
