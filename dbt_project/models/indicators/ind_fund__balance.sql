-- One row per derived fund balance, period and status: current balance, its rate, employee pool.
with balance as (
    select * from {{ ref('int_fund__printed_balances') }}
),

current_balance as (
    select
        'fund_current_balance' as metric_key,
        *,
        current_balance_yuan as value,
        current_balance_yuan as numerator,
        cast(null as decimal(24, 2)) as denominator,
        income_value_key as input_1_key,
        expense_value_key as input_2_key
    from balance
    where current_balance_yuan is not null
),

balance_rate as (
    select
        'fund_balance_rate' as metric_key,
        *,
        {{ ratio('current_balance_yuan', 'income_yuan') }} as value,
        current_balance_yuan as numerator,
        income_yuan as denominator,
        income_value_key as input_1_key,
        expense_value_key as input_2_key
    from balance
    where current_balance_yuan is not null and income_yuan <> 0
),

employee_pool as (
    select
        'fund_cumulative_balance' as metric_key,
        * replace (period_end as period_start, 'point' as period_basis),
        closing_balance_yuan as value,
        closing_balance_yuan as numerator,
        cast(null as decimal(24, 2)) as denominator,
        closing_value_key as input_1_key,
        closing_less_value_key as input_2_key
    from balance
    where closing_less_value_key is not null and period_basis in ('year', 'point')
),

unioned as (
    select * from current_balance
    union all by name
    select * from balance_rate
    union all by name
    select * from employee_pool
),

flagged as (
    select
        *,
        'formula' as variant,
        {{ fund_quality_flag() }} as quality_flag,
        cast(null as varchar) as input_3_key
    from unioned
),

final as (
    {{ derived_indicator('flagged') }}
)

select * from final
