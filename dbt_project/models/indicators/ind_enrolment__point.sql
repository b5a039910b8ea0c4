-- One row per derived enrolment indicator and date: rate by population, workers per retiree.
with rate as (
    select * from {{ ref('int_enrolment__printed_rates') }}
),

measure as (
    select * from {{ ref('int_published__measures_latest') }}
),

enrolment_rate as (
    select
        'enrol_rate_basic' as metric_key,
        population_kind as variant,
        region_code,
        'all' as scheme_code,
        period_end,
        data_origin,
        report_status,
        known_on,
        enrolment_rate as value,
        cast(enrolled_persons as decimal(28, 10)) as numerator,
        cast(population_persons as decimal(28, 10)) as denominator,
        case
            when is_population_older then 'denominator_lagged'
            when is_before_break then 'earlier_scope'
            else 'ok'
        end as quality_flag,
        enrolled_value_key as input_1_key,
        population_value_key as input_2_key
    from rate
    where population_persons <> 0
),

active_retiree as (
    select
        'active_retiree_ratio' as metric_key,
        'formula' as variant,
        active.region_code,
        active.scheme_code,
        active.period_end,
        active.data_origin,
        active.report_status,
        greatest(active.known_on, retired.known_on) as known_on,
        {{ ratio('active.number', 'retired.number') }} as value,
        active.number as numerator,
        retired.number as denominator,
        'ok' as quality_flag,
        active.value_key as input_1_key,
        retired.value_key as input_2_key
    from measure as active
    inner join measure as retired
        on
            active.region_code = retired.region_code
            and active.scheme_code = retired.scheme_code
            and active.period_basis = retired.period_basis
            and active.period_end = retired.period_end
            and active.data_origin = retired.data_origin
            and active.report_status = retired.report_status
            and active.fund_scope = retired.fund_scope
    where
        active.metric_key = 'aux_enrolled_active'
        and retired.metric_key = 'aux_enrolled_retired'
        and active.fund_scope = 'all'
        and retired.number <> 0
),

unioned as (
    select * from enrolment_rate
    union all by name
    select * from active_retiree
),

flagged as (
    select
        *,
        'all' as fund_scope,
        'point' as period_basis,
        period_end as period_start,
        cast(null as varchar) as input_3_key
    from unioned
),

final as (
    {{ derived_indicator('flagged') }}
)

select * from final
