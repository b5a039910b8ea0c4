-- One row per metric, variant, region, scheme, scope, period, origin, status and delivery.
with indicator_values as (
    select {{ indicator_columns() }} from {{ ref('ind_published__printed') }}
    union all
    select {{ indicator_columns() }} from {{ ref('int_indicator__derived_unioned') }}
    union all
    select {{ indicator_columns() }} from {{ ref('ind_feed__period') }}
    union all
    select {{ indicator_columns() }} from {{ ref('ind_feed__growth') }}
),

registry as (
    select * from {{ ref('registry') }}
),

region as (
    select * from {{ ref('dim_reference__region') }}
),

final as (
    select
        indicator_values.metric_key,
        indicator_values.variant,
        indicator_values.region_code,
        indicator_values.scheme_code,
        indicator_values.fund_scope,
        indicator_values.period_basis,
        indicator_values.period_end,
        indicator_values.data_origin,
        indicator_values.report_status,
        indicator_values.known_on,
        region.region_name,
        indicator_values.period_start,
        cast(indicator_values.value as decimal(28, 10)) as value,
        cast(indicator_values.numerator as decimal(28, 10)) as numerator,
        cast(indicator_values.denominator as decimal(28, 10)) as denominator,
        registry.unit,
        indicator_values.qualifier,
        cast(indicator_values.bound_lower as decimal(28, 10)) as bound_lower,
        cast(indicator_values.bound_upper as decimal(28, 10)) as bound_upper,
        indicator_values.completeness,
        indicator_values.quality_flag,
        registry.definition_version,
        indicator_values.value_key
    from indicator_values
    inner join registry on indicator_values.metric_key = registry.metric_key
    inner join region on indicator_values.region_code = region.region_code
)

select * from final
