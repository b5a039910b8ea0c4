-- One row per card, county, scheme, variant, scope and origin: newest value and the province.
with card as (
    select * from {{ ref('leader_card') }}
    where region_code = '460000'
),

indicator_values as (
    select * from {{ ref('int_indicator__segmented') }}
    where data_origin <> 'published' and period_basis in ('point', 'year', 'ytd')
),

region as (
    select * from {{ ref('dim_reference__region') }}
),

registry as (
    select * from {{ ref('indicator_registry') }}
),

display_unit as (
    select * from {{ ref('dim_reference__display_unit') }}
),

fitting as (
    select
        card.card_code,
        indicator_values.*
    from card
    inner join indicator_values
        on
            card.metric_key = indicator_values.metric_key
            and card.scheme_code = indicator_values.scheme_code
            and card.variant = indicator_values.variant
            and card.fund_scope in ('*', indicator_values.fund_scope)
    where indicator_values.value is not null or indicator_values.disclosure <> 'open'
    qualify indicator_values.period_end = max(indicator_values.period_end) over (
        partition by card.card_code, indicator_values.data_origin
    )
),

final as (
    select
        county.card_code,
        county.region_code,
        county.scheme_code,
        county.metric_key,
        county.variant,
        county.fund_scope,
        county.data_origin,
        county.period_basis,
        county.period_start,
        county.period_end,
        region.region_name as region_zh,
        region.name_en as region_en,
        registry.name_zh as metric_zh,
        registry.name_en as metric_en,
        cast(county.value * display_unit.display_factor as decimal(28, 6)) as shown_value,
        county.qualifier,
        cast(county.previous_value * display_unit.display_factor as decimal(28, 6))
            as shown_last_year,
        cast(province.value * display_unit.display_factor as decimal(28, 6)) as shown_province,
        display_unit.decimals,
        display_unit.name_zh as unit_zh,
        display_unit.name_en as unit_en,
        county.value_key
    from fitting as county
    inner join region on county.region_code = region.region_code
    inner join registry on county.metric_key = registry.metric_key
    inner join display_unit on registry.unit = display_unit.unit
    left join fitting as province
        on
            county.card_code = province.card_code
            and county.scheme_code = province.scheme_code
            and county.metric_key = province.metric_key
            and county.variant = province.variant
            and county.fund_scope = province.fund_scope
            and county.data_origin = province.data_origin
            and county.period_basis = province.period_basis
            and province.region_code = '460000'
    where county.region_code <> '460000'
)

select * from final
