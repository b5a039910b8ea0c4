-- One row per region, card, scheme, variant, scope, origin, status and period: values to draw.
with card as (
    select * from {{ ref('leader_card') }}
),

indicator_values as (
    select * from {{ ref('int_indicator__segmented') }}
),

registry as (
    select * from {{ ref('indicator_registry') }}
),

display_unit as (
    select * from {{ ref('dim_reference__display_unit') }}
),

final as (
    select
        card.region_code,
        card.card_code,
        card.scheme_code,
        indicator_values.data_origin,
        indicator_values.report_status,
        indicator_values.metric_key,
        indicator_values.variant,
        indicator_values.fund_scope,
        indicator_values.period_basis,
        indicator_values.period_end,
        indicator_values.segment,
        cast(indicator_values.value * display_unit.display_factor as decimal(28, 6)) as shown_value,
        display_unit.name_zh as unit_zh,
        display_unit.name_en as unit_en,
        indicator_values.break_zh,
        indicator_values.break_en,
        indicator_values.value_key
    from card
    inner join indicator_values
        on
            card.region_code = indicator_values.region_code
            and card.metric_key = indicator_values.metric_key
            and card.scheme_code = indicator_values.scheme_code
            and card.variant = indicator_values.variant
            and card.fund_scope in ('*', indicator_values.fund_scope)
    inner join registry on indicator_values.metric_key = registry.metric_key
    inner join display_unit on registry.unit = display_unit.unit
    where
        indicator_values.value is not null
        and (
            indicator_values.period_basis = 'point'
            or indicator_values.period_basis
            = case indicator_values.data_origin when 'published' then 'year' else 't12' end
        )
)

select * from final
