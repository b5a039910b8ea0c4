-- One row per fund flow, region, scheme, scope and period: growth over a year or a month before.
with flow as (
    select * from {{ ref('ind_feed__period') }}
    where metric_key in ('fund_income', 'fund_expense') and period_basis <> 't12'
),

pair as (
    select
        'formula' as growth_variant,
        present.value_key,
        past.value_key as past_key
    from flow as present
    inner join flow as past
        on
            {{ same_series('present', 'past') }}
            and {{ same_period_last_year('present.period_end', 'past.period_end') }}
    union all
    select
        'month_on_month' as growth_variant,
        present.value_key,
        past.value_key as past_key
    from flow as present
    inner join flow as past
        on
            {{ same_series('present', 'past') }}
            and present.period_basis = 'month'
            and past.period_end = cast(present.period_start - interval 1 day as date)
),

paired as (
    select
        present.* replace (
            present.metric_key || '_growth' as metric_key,
            pair.growth_variant as variant,
            greatest(present.report_status, past.report_status) as report_status,
            greatest(present.known_on, past.known_on) as known_on,
            cast(present.value - past.value as decimal(28, 10)) as numerator,
            past.value as denominator,
            present.value_key as input_1_key,
            past.value_key as input_2_key,
            least(present.completeness, past.completeness) as completeness
        ),
        present.value as present_value
    from pair
    inner join flow as present on pair.value_key = present.value_key
    inner join flow as past on pair.past_key = past.value_key
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
