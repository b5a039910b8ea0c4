-- One row per metric, variant, region, scheme, scope, period, origin, status and delivery.
with indicator_values as (
    select * from {{ ref('indicator_value_full') }}
),

judged_value as (
    select * from {{ ref('dsc_derived') }}
),

small_base as (
    select * from {{ ref('dsc_small_base') }}
),

held as (
    select * from {{ ref('dsc_held_values') }}
),

judged as (
    select
        indicator_values.* replace (
            case
                when held.value_key is null then indicator_values.value
                when held.denominator is null then held.numerator
                else {{ ratio('held.numerator', 'held.denominator') }}
            end as value,
            coalesce(held.numerator, indicator_values.numerator) as numerator,
            coalesce(held.denominator, indicator_values.denominator) as denominator
        ),
        case
            when indicator_values.data_origin = 'published' then 'open'
            when coalesce(judged_value.is_hidden, true) then 'withheld'
            when small_base.value_key is not null then 'small_base'
            else 'open'
        end as disclosure
    from indicator_values
    left join judged_value on indicator_values.value_key = judged_value.value_key
    left join held on indicator_values.value_key = held.value_key
    left join small_base on indicator_values.value_key = small_base.value_key
),

final as (
    select
        metric_key,
        variant,
        region_code,
        scheme_code,
        fund_scope,
        period_basis,
        period_end,
        data_origin,
        report_status,
        known_on,
        region_name,
        period_start,
        cast(case when disclosure = 'open' then value end as decimal(28, 10)) as value,
        case when disclosure = 'open' then numerator end as numerator,
        case when disclosure = 'open' then denominator end as denominator,
        unit,
        case disclosure
            when 'withheld' then '不公布'
            when 'small_base' then '基数不足30'
            else qualifier
        end as qualifier,
        bound_lower,
        bound_upper,
        completeness,
        quality_flag,
        definition_version,
        disclosure,
        value_key
    from judged
)

select * from final
