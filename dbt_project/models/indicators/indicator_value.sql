-- One row per metric, variant, region, scheme, scope, period, origin, status and delivery.
with indicator_values as (
    select * from {{ ref('indicator_value_full') }}
),

hidden as (
    select * from {{ ref('int_disclosure__derived') }}
),

small_base as (
    select * from {{ ref('int_disclosure__small_base') }}
),

judged as (
    select
        indicator_values.*,
        case
            when hidden.value_key is not null then hidden.disclosure
            when small_base.value_key is not null then 'small_base'
            else 'open'
        end as disclosure,
        hidden.least_count
    from indicator_values
    left join hidden on indicator_values.value_key = hidden.value_key
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
        case when disclosure = 'open' then value end as value,
        case when disclosure in ('open', 'small_base') then numerator end as numerator,
        case when disclosure in ('open', 'small_base') then denominator end as denominator,
        unit,
        case disclosure
            when 'small' then '＜' || least_count
            when 'company' then '不公布'
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
