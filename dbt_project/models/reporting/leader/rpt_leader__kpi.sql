-- One row per region, card and scheme: the newest published value with its date, comparison, signal and source.
with card as (
    select * from {{ ref('leader_card') }}
),

indicator_values as (
    select * from {{ ref('int_indicator__segmented') }}
),

registry as (
    select * from {{ ref('indicator_registry') }}
),

variant as (
    select * from {{ ref('indicator_variant') }}
),

threshold as (
    select * from {{ ref('indicator_threshold') }}
),

target as (
    select * from {{ ref('dim_plan__target') }}
),

source as (
    select * from {{ ref('int_indicator__sources') }}
),

display_unit as (
    select * from {{ ref('dim_reference__display_unit') }}
),

chosen as (
    select
        card.position,
        card.card_code,
        card.card_zh,
        card.card_en,
        indicator_values.*
    from card
    inner join indicator_values
        on
            card.region_code = indicator_values.region_code
            and card.metric_key = indicator_values.metric_key
            and card.scheme_code = indicator_values.scheme_code
            and card.variant = indicator_values.variant
            and card.fund_scope in ('*', indicator_values.fund_scope)
    qualify row_number() over (
        partition by card.region_code, card.card_code, card.scheme_code
        order by
            card.priority,
            indicator_values.period_end desc,
            indicator_values.status_rank,
            indicator_values.known_on desc,
            indicator_values.value_key
    ) = 1
),

signalled as (
    select
        chosen.*,
        threshold.signal,
        threshold.meaning_zh,
        threshold.meaning_en
    from chosen
    left join threshold
        on
            chosen.metric_key = threshold.metric_key
            and chosen.scheme_code = threshold.scheme_code
            and chosen.value >= threshold.lower_bound
            and chosen.value < threshold.upper_bound
            and chosen.qualifier is null
            and chosen.period_end >= threshold.valid_from
            and chosen.period_basis <> 'ytd'
            and chosen.region_code = '460000'
),

final as (
    select
        signalled.region_code,
        signalled.position,
        signalled.card_code,
        signalled.scheme_code,
        signalled.card_zh,
        signalled.card_en,
        signalled.metric_key,
        signalled.variant,
        coalesce(variant.name_zh, '') as variant_zh,
        coalesce(variant.name_en, '') as variant_en,
        signalled.fund_scope,
        signalled.period_basis,
        signalled.period_start,
        signalled.period_end,
        signalled.data_origin,
        signalled.report_status,
        signalled.known_on,
        cast(signalled.value * display_unit.display_factor as decimal(28, 6)) as shown_value,
        signalled.qualifier,
        display_unit.decimals,
        display_unit.name_zh as unit_zh,
        display_unit.name_en as unit_en,
        display_unit.change_kind,
        cast(
            case display_unit.change_kind
                when 'growth' then {{ ratio('signalled.value - signalled.previous_value', 'case when signalled.previous_value > 0 then signalled.previous_value end') }} * 100
                else (signalled.value - signalled.previous_value) * display_unit.display_factor
            end as decimal(28, 6)
        ) as shown_change,
        signalled.previous_period_end,
        signalled.break_zh,
        signalled.break_en,
        target.target_text,
        signalled.signal,
        signalled.meaning_zh as signal_zh,
        signalled.meaning_en as signal_en,
        signalled.quality_flag,
        contains(signalled.quality_flag, 'unstated') as is_unconfirmed,
        registry.name_zh as metric_zh,
        registry.name_en as metric_en,
        registry.definition_zh,
        registry.definition_en,
        registry.numerator_zh,
        registry.numerator_en,
        registry.denominator_zh,
        registry.denominator_en,
        registry.owner,
        registry.definition_version,
        source.source_zh,
        source.file_name,
        source.record_number,
        source.batch_id,
        signalled.value_key
    from signalled
    inner join registry on signalled.metric_key = registry.metric_key
    inner join display_unit on registry.unit = display_unit.unit
    left join variant
        on signalled.metric_key = variant.metric_key and signalled.variant = variant.variant
    left join target
        on signalled.metric_key = target.metric_key and signalled.region_code = '460000'
    left join source on signalled.value_key = source.value_key
)

select * from final
