-- One row per indicator that a source prints and that its printed terms give by formula.
with indicator_values as (
    select * from {{ ref('indicator_value') }}
),

registry as (
    select * from {{ ref('registry') }}
),

variant as (
    select * from {{ ref('variant') }}
),

measure as (
    select * from {{ ref('int_published__measures_preferred') }}
),

record as (
    select * from {{ ref('int_indicator__sources') }}
),

published as (
    select
        indicator_values.*,
        measure.half_ulp,
        record.batch_id,
        record.record_number
    from indicator_values
    inner join measure on indicator_values.value_key = measure.value_key
    inner join record on indicator_values.value_key = record.value_key
    where indicator_values.variant = 'published'
    qualify row_number() over (
        partition by
            indicator_values.metric_key, indicator_values.region_code, indicator_values.scheme_code,
            indicator_values.fund_scope, indicator_values.period_basis, indicator_values.period_end,
            indicator_values.data_origin, indicator_values.report_status
        order by indicator_values.known_on desc
    ) = 1
),

computed as (
    select * from indicator_values
    where variant in ('formula', 'resident', 'registered')
),

paired as (
    select
        case
            when computed.metric_key = 'enrol_rate_basic' then 'enrolment_rate_against_published'
            else 'formula_against_published'
        end as check_code,
        published.region_code,
        published.scheme_code,
        published.fund_scope,
        published.metric_key,
        computed.variant,
        published.report_status,
        published.period_basis,
        published.period_end,
        published.unit,
        published.qualifier as found_qualifier,
        computed.value as expected_value,
        coalesce(published.value, published.bound_lower, published.bound_upper) as found_value,
        case
            when
                published.bound_lower is not null
                then greatest(computed.value - published.bound_lower, 0)
            else 0
        end + published.half_ulp as tolerance,
        published.batch_id,
        published.record_number
    from published
    inner join computed
        on
            published.metric_key = computed.metric_key
            and published.region_code = computed.region_code
            and published.scheme_code = computed.scheme_code
            and published.fund_scope = computed.fund_scope
            and published.period_basis = computed.period_basis
            and published.period_end = computed.period_end
            and published.report_status = computed.report_status
            and published.data_origin = computed.data_origin
),

final as (
    select
        paired.check_code,
        paired.check_code || '_' || paired.variant || '_' || paired.report_status as rule,
        'indicator' as series_code,
        paired.region_code,
        paired.scheme_code,
        paired.fund_scope,
        paired.metric_key as indicator_code,
        paired.period_basis,
        paired.period_end,
        paired.unit,
        paired.expected_value,
        paired.found_value,
        paired.found_qualifier,
        cast(paired.tolerance as decimal(28, 10)) as tolerance,
        registry.name_zh || '：' || variant.name_zh || '与公布值' as rule_zh,
        registry.name_en
        || ': by formula ('
        || paired.variant
        || ') against as published' as rule_en,
        paired.batch_id,
        paired.record_number
    from paired
    inner join registry on paired.metric_key = registry.metric_key
    inner join variant
        on paired.metric_key = variant.metric_key and paired.variant = variant.variant
)

select * from final
