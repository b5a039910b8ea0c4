-- One row per fund flow, period and status that has the same period a year before: its growth.
with balance as (
    select * from {{ ref('int_fund__printed_balances') }}
),

flow as (
    select
        'fund_income_growth' as metric_key,
        *,
        income_yuan as flow_yuan,
        income_value_key as flow_key
    from balance
    union all
    select
        'fund_expense_growth' as metric_key,
        *,
        expense_yuan as flow_yuan,
        expense_value_key as flow_key
    from balance
),

paired as (
    select
        present.* replace (greatest(present.known_on, past.known_on) as known_on),
        present.flow_yuan - past.flow_yuan as numerator,
        past.flow_yuan as denominator,
        present.flow_key as input_1_key,
        past.flow_key as input_2_key
    from flow as present
    inner join flow as past
        on
            present.metric_key = past.metric_key
            and present.region_code = past.region_code
            and present.scheme_code = past.scheme_code
            and present.fund_scope = past.fund_scope
            and present.period_basis = past.period_basis
            and present.data_origin = past.data_origin
            and present.report_status = past.report_status
            and {{ same_period_last_year('present.period_end', 'past.period_end') }}
    where
        present.period_basis in ('year', 'ytd', 'month', 'quarter')
        and present.flow_yuan is not null
        and past.flow_yuan > 0
),

flagged as (
    select
        *,
        'formula' as variant,
        {{ ratio('numerator', 'denominator') }} as value,
        {{ fund_quality_flag() }} as quality_flag,
        cast(null as varchar) as input_3_key
    from paired
),

final as (
    {{ derived_indicator('flagged') }}
)

select * from final
