-- One row per printed number whose unit does not suit the metric it is said to measure.
with unioned_measure as (
    select * from {{ ref('int_published__measures_unioned') }}
),

registry as (
    select * from {{ ref('registry') }}
),

final as (
    select
        'unit' as check_code,
        'unit_mismatch' as rule,
        unioned_measure.series_code,
        unioned_measure.region_code,
        unioned_measure.scheme_code,
        unioned_measure.fund_scope,
        unioned_measure.metric_key as indicator_code,
        unioned_measure.period_basis,
        unioned_measure.period_end,
        'error' as severity,
        registry.unit,
        max(unioned_measure._batch_id) as batch_id,
        max(unioned_measure._row) as record_number,
        max(unioned_measure.printed_value || unioned_measure.printed_unit_zh) as printed,
        registry.name_zh,
        registry.name_en
    from unioned_measure
    inner join registry on unioned_measure.metric_key = registry.metric_key
    where not unioned_measure.is_unit_suitable
    group by
        unioned_measure.series_code, unioned_measure.region_code, unioned_measure.scheme_code,
        unioned_measure.fund_scope, unioned_measure.metric_key, unioned_measure.period_basis,
        unioned_measure.period_end, registry.unit, registry.name_zh, registry.name_en
)

select * from final
