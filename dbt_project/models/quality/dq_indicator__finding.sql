-- One row per value of the feeds that its definition rules out: a part that exceeds its whole.
with indicator_values as (
    select * from {{ ref('ind_feed__period') }}
    where contains(quality_flag, 'above_one')
),

bounded as (
    select * from {{ ref('int_indicator__bounded') }}
),

region as (
    select * from {{ ref('dim_reference__region') }}
),

final as (
    select
        'above_one' as rule,
        indicator_values.metric_key,
        indicator_values.variant,
        indicator_values.region_code,
        indicator_values.scheme_code,
        indicator_values.fund_scope,
        indicator_values.period_basis,
        indicator_values.period_end,
        indicator_values.data_origin,
        -- E01: shares warn, coverage must not be published
        case when contains(indicator_values.metric_key, 'coverage') then 'error' else 'warn' end
            as severity,
        concat_ws(
            ' ', region.region_name, cast(indicator_values.period_end as varchar),
            bounded.name_zh || '大于 1，按登记不可能；请核对分子与分母的来源'
        ) as message_zh,
        concat_ws(
            ' ', region.name_en, cast(indicator_values.period_end as varchar),
            bounded.name_en || ' is above 1, which its definition rules out; check both terms'
        ) as message_en,
        indicator_values.value_key
    from indicator_values
    inner join bounded
        on
            indicator_values.metric_key = bounded.metric_key
            and indicator_values.variant = bounded.variant
    left join region on indicator_values.region_code = region.region_code
)

select * from final
