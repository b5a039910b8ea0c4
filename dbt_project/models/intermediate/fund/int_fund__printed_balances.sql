-- One row per region, scheme, fund scope, period and status as printed: flows, balance, identity.
with measure as (
    select * from {{ ref('int_published__measures_latest') }}
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
        max(number) filter (where metric_key = 'fund_income') as income,
        max(number) filter (where metric_key = 'fund_expense') as expense,
        max(number) filter (where metric_key = 'fund_current_balance') as printed_current_balance,
        max(value_key) filter (where metric_key = 'fund_income') as income_value_key,
        max(value_key) filter (where metric_key = 'fund_expense') as expense_value_key
    from measure
    where
        metric_key in ('fund_income', 'fund_expense', 'fund_current_balance')
        and period_basis in ('year', 'ytd', 'month', 'quarter')
    group by all
),

closing as (
    select * from {{ ref('int_fund__closings_completed') }}
),

joined as (
    select
        coalesce(flow.region_code, closing.region_code) as region_code,
        coalesce(flow.scheme_code, closing.scheme_code) as scheme_code,
        coalesce(flow.fund_scope, closing.fund_scope) as fund_scope,
        coalesce(flow.period_basis, 'point') as period_basis,
        coalesce(flow.period_start, closing.period_end) as period_start,
        coalesce(flow.period_end, closing.period_end) as period_end,
        coalesce(flow.data_origin, closing.data_origin) as data_origin,
        coalesce(flow.report_status, closing.report_status) as report_status,
        greatest(flow.known_on, closing.known_on) as known_on,
        cast(flow.income as decimal(24, 2)) as income_yuan,
        cast(flow.expense as decimal(24, 2)) as expense_yuan,
        cast(flow.printed_current_balance as decimal(24, 2)) as printed_current_balance_yuan,
        cast(closing.number as decimal(24, 2)) as closing_balance_yuan,
        flow.income_value_key,
        flow.expense_value_key,
        closing.value_key as closing_value_key,
        closing.less_value_key as closing_less_value_key
    from flow
    full outer join closing
        on
            flow.region_code = closing.region_code
            and flow.scheme_code = closing.scheme_code
            and flow.fund_scope = closing.fund_scope
            and flow.period_end = closing.period_end
            and flow.data_origin = closing.data_origin
            and flow.report_status = closing.report_status
),

final as (
    select
        joined.region_code,
        joined.scheme_code,
        joined.fund_scope,
        joined.period_basis,
        joined.period_end,
        joined.data_origin,
        joined.report_status,
        joined.period_start,
        joined.known_on,
        opening.closing_balance_yuan as opening_balance_yuan,
        joined.income_yuan,
        joined.expense_yuan,
        cast(joined.income_yuan - joined.expense_yuan as decimal(24, 2)) as current_balance_yuan,
        joined.printed_current_balance_yuan,
        joined.closing_balance_yuan,
        cast(
            joined.closing_balance_yuan - opening.closing_balance_yuan
            - (joined.income_yuan - joined.expense_yuan) as decimal(24, 2)
        ) as unexplained_yuan,
        joined.income_value_key,
        joined.expense_value_key,
        joined.closing_value_key,
        joined.closing_less_value_key
    from joined
    left join joined as opening
        on
            joined.region_code = opening.region_code
            and joined.scheme_code = opening.scheme_code
            and joined.fund_scope = opening.fund_scope
            and joined.data_origin = opening.data_origin
            and joined.report_status = opening.report_status
            and joined.period_basis in ('year', 'ytd')
            and joined.period_start = opening.period_end + 1
            and opening.period_basis in ('year', 'point')
)

select * from final
