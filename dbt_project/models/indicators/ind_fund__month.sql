-- One row per fund flow and month whose cumulative figure and that of the month before are known.
with balance as (
    select * from {{ ref('int_fund__printed_balances') }}
    where period_basis = 'ytd'
),

flow as (
    select
        'fund_income' as metric_key,
        *,
        income_yuan as flow_yuan,
        income_value_key as flow_key
    from balance
    union all
    select
        'fund_expense' as metric_key,
        *,
        expense_yuan as flow_yuan,
        expense_value_key as flow_key
    from balance
),

differenced as (
    select
        present.* replace (
            greatest(present.known_on, past.known_on) as known_on,
            'month' as period_basis,
            cast(date_trunc('month', present.period_end) as date) as period_start
        ),
        present.flow_yuan - coalesce(past.flow_yuan, 0) as value,
        present.flow_key as input_1_key,
        past.flow_key as input_2_key
    from flow as present
    left join flow as past
        on
            present.metric_key = past.metric_key
            and present.region_code = past.region_code
            and present.scheme_code = past.scheme_code
            and present.fund_scope = past.fund_scope
            and present.data_origin = past.data_origin
            and present.report_status = past.report_status
            and present.period_start = past.period_start
            and month(present.period_end) = month(past.period_end) + 1
            and past.period_end = last_day(past.period_end)
    where
        present.flow_yuan is not null
        and present.period_end = last_day(present.period_end)
        and (past.flow_yuan is not null or month(present.period_end) = 1)
),

flagged as (
    select
        *,
        'differenced' as variant,
        value as numerator,
        cast(null as decimal(24, 2)) as denominator,
        {{ fund_quality_flag() }} as quality_flag,
        cast(null as varchar) as input_3_key
    from differenced
),

final as (
    {{ derived_indicator('flagged') }}
)

select * from final
