-- One row per derived benefit indicator and year: personal share of total health expenditure.
with measure as (
    select * from {{ ref('int_published__measures_latest') }}
),

paired as (
    select
        'personal_health_exp_share' as metric_key,
        'formula' as variant,
        personal.region_code,
        personal.scheme_code,
        personal.fund_scope,
        personal.period_basis,
        personal.period_start,
        personal.period_end,
        personal.data_origin,
        personal.report_status,
        greatest(personal.known_on, total.known_on) as known_on,
        {{ ratio('personal.number', 'total.number') }} as value,
        personal.number as numerator,
        total.number as denominator,
        personal.value_key as input_1_key,
        total.value_key as input_2_key,
        cast(null as varchar) as input_3_key,
        'ok' as quality_flag
    from measure as personal
    inner join measure as total
        on
            personal.region_code = total.region_code
            and personal.period_basis = total.period_basis
            and personal.period_end = total.period_end
            and personal.data_origin = total.data_origin
            and personal.report_status = total.report_status
    where
        personal.metric_key = 'aux_personal_health_expenditure'
        and total.metric_key = 'aux_total_health_expenditure'
        and total.number <> 0
),

final as (
    {{ derived_indicator('paired') }}
)

select * from final
