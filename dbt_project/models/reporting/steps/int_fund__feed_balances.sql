-- One row per region, scheme, fund scope, period and status of the feeds: flows, balance, identity.
with indicator_values as (
    select * from {{ ref('indicator_value') }}
    where data_origin <> 'published'
),

flow as (
    select
        region_code,
        scheme_code,
        fund_scope,
        period_basis,
        period_end,
        data_origin,
        report_status,
        min(period_start) as period_start,
        max(known_on) as known_on,
        max(value) filter (where metric_key = 'fund_income') as income_yuan,
        max(value) filter (where metric_key = 'fund_expense') as expense_yuan,
        max(value_key) filter (where metric_key = 'fund_income') as income_value_key,
        max(value_key) filter (where metric_key = 'fund_expense') as expense_value_key
    from indicator_values
    where
        metric_key in ('fund_income', 'fund_expense')
        and variant = 'all'
        and period_basis in ('year', 'ytd', 'month', 'quarter')
    group by all
),

closing as (
    select
        region_code,
        scheme_code,
        fund_scope,
        period_end,
        data_origin,
        value as closing_balance_yuan,
        value_key as closing_value_key
    from indicator_values
    where metric_key = 'fund_cumulative_balance' and variant = 'all' and period_basis = 'point'
),

final as (
    select
        flow.region_code,
        flow.scheme_code,
        flow.fund_scope,
        flow.period_basis,
        flow.period_end,
        flow.data_origin,
        flow.report_status,
        flow.period_start,
        flow.known_on,
        cast(opening.closing_balance_yuan as decimal(24, 2)) as opening_balance_yuan,
        cast(flow.income_yuan as decimal(24, 2)) as income_yuan,
        cast(flow.expense_yuan as decimal(24, 2)) as expense_yuan,
        cast(flow.income_yuan - flow.expense_yuan as decimal(24, 2)) as current_balance_yuan,
        cast(null as decimal(24, 2)) as printed_current_balance_yuan,
        cast(closing.closing_balance_yuan as decimal(24, 2)) as closing_balance_yuan,
        cast(
            closing.closing_balance_yuan - opening.closing_balance_yuan
            - (flow.income_yuan - flow.expense_yuan) as decimal(24, 2)
        ) as unexplained_yuan,
        flow.income_value_key,
        flow.expense_value_key,
        closing.closing_value_key,
        cast(null as varchar) as closing_less_value_key
    from flow
    left join closing
        on
            flow.region_code = closing.region_code
            and flow.scheme_code = closing.scheme_code
            and flow.fund_scope = closing.fund_scope
            and flow.period_end = closing.period_end
            and flow.data_origin = closing.data_origin
    left join closing as opening
        on
            flow.region_code = opening.region_code
            and flow.scheme_code = opening.scheme_code
            and flow.fund_scope = opening.fund_scope
            and flow.period_start - 1 = opening.period_end
            and flow.data_origin = opening.data_origin
)

select * from final
