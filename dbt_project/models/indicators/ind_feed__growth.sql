-- One row per fund flow, region, scheme, scope and period with the year before it: its growth.
with flow as (
    select * from {{ ref('ind_feed__period') }}
    where metric_key in ('fund_income', 'fund_expense') and period_basis <> 't12'
),

paired as (
    select
        present.* replace (
            present.metric_key || '_growth' as metric_key,
            'formula' as variant,
            greatest(present.report_status, past.report_status) as report_status,
            greatest(present.known_on, past.known_on) as known_on,
            cast(present.value - past.value as decimal(28, 10)) as numerator,
            past.value as denominator,
            least(present.completeness, past.completeness) as completeness
        ),
        present.value as present_value
    from flow as present
    inner join flow as past
        on
            present.metric_key = past.metric_key
            and present.region_code = past.region_code
            and present.scheme_code = past.scheme_code
            and present.fund_scope = past.fund_scope
            and present.period_basis = past.period_basis
            and present.data_origin = past.data_origin
            and {{ same_period_last_year('present.period_end', 'past.period_end') }}
    where past.value > 0 and past.completeness = 1 and present.completeness = 1
),

final as (
    select
        metric_key,
        variant,
        region_code,
        scheme_code,
        fund_scope,
        period_basis,
        period_start,
        period_end,
        data_origin,
        report_status,
        known_on,
        cast({{ growth('present_value', 'denominator') }} as decimal(28, 10)) as value,
        numerator,
        denominator,
        bound_lower,
        bound_upper,
        qualifier,
        completeness,
        quality_flag,
        {{ value_key('paired') }} as value_key,
        input_1_key,
        input_2_key,
        input_3_key
    from paired
)

select * from final
