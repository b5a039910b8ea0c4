-- One row per region, card, scheme and origin: the newest value with its date and source.
with signalled as (
    select * from {{ ref('int_leader__cards_filled') }}
),

registry as (
    select * from {{ ref('indicator_registry') }}
),

variant as (
    select * from {{ ref('indicator_variant') }}
),

target as (
    select * from {{ ref('dim_plan__target') }}
),

progress as (
    select * from {{ ref('fct_plan__progress') }}
    where is_best_evidence
),

code as (
    select * from {{ ref('dim_reference__code') }}
),

source as (
    select * from {{ ref('int_indicator__sources') }}
),

display_unit as (
    select * from {{ ref('dim_reference__display_unit') }}
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
            case
                when display_unit.change_kind <> 'growth'
                    then
                        (signalled.value - signalled.previous_value)
                        * display_unit.display_factor
                when signalled.previous_value > 0
                    then 100 * {{ growth('signalled.value', 'signalled.previous_value') }}
            end as decimal(28, 6)
        ) as shown_change,
        signalled.previous_period_end,
        signalled.break_zh,
        signalled.break_en,
        target.target_text,
        progress.auto_status as plan_status,
        plan_status.name_zh as plan_status_zh,
        plan_status.name_en as plan_status_en,
        case when progress.as_of_date is not null then progress.data_origin end as plan_origin,
        signalled.signal,
        signalled.meaning_zh as signal_zh,
        signalled.meaning_en as signal_en,
        signalled.quality_flag,
        contains(signalled.quality_flag, 'unstated') as is_unconfirmed,
        signalled.variant not in ('all', 'published') as is_computed,
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
        coalesce(
            source.source_zh,
            case
                when signalled.data_origin <> 'published' then '平台数据源 ' || registry.source_feeds
            end
        ) as source_zh,
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
    left join progress on target.plan_id = progress.plan_id and target.row_no = progress.row_no
    left join code as plan_status
        on progress.auto_status = plan_status.code and plan_status.code_set = 'plan_status'
    left join source on signalled.value_key = source.value_key
)

select * from final
