-- One row per indicator value, role and printed record it rests on.
with unioned_measure as (
    select * from {{ ref('int_published__measures_as_known') }}
),

preferred as (
    select * from {{ ref('int_published__measures_preferred') }}
),

derived as (
    select * from {{ ref('int_indicator__derived_unioned') }}
),

printed as (
    select {{ indicator_columns() }} from {{ ref('ind_published__printed') }}
),

record as (
    select
        preferred.value_key,
        unioned_measure.series_code,
        unioned_measure.source_id,
        unioned_measure._batch_id as batch_id,
        unioned_measure._row as record_number
    from preferred
    inner join unioned_measure
        on
            preferred.metric_key = unioned_measure.metric_key
            and preferred.variant = unioned_measure.variant
            and preferred.region_code = unioned_measure.region_code
            and preferred.scheme_code = unioned_measure.scheme_code
            and preferred.fund_scope = unioned_measure.fund_scope
            and preferred.period_basis = unioned_measure.period_basis
            and preferred.period_end = unioned_measure.period_end
            and preferred.data_origin = unioned_measure.data_origin
            and preferred.report_status = unioned_measure.report_status
            and preferred.known_on = unioned_measure.known_on
),

input as (
    select
        value_key,
        'value' as role,
        value_key as measure_key
    from printed
    union all
    select
        value_key,
        'input_1' as role,
        input_1_key as measure_key
    from derived
    union all
    select
        value_key,
        'input_2' as role,
        input_2_key as measure_key
    from derived
    where input_2_key is not null
    union all
    select
        value_key,
        'input_3' as role,
        input_3_key as measure_key
    from derived
    where input_3_key is not null
),

final as (
    select
        input.value_key,
        input.role,
        record.batch_id,
        record.record_number,
        record.series_code,
        record.source_id
    from input
    inner join record on input.measure_key = record.value_key
)

select * from final
