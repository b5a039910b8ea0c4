-- One row per region, fund and month: opening, adjustment, income, expense and closing.
with entry as (
    select * from {{ ref('int_fund__entries') }}
),

account as (
    select
        region_code,
        fund_code,
        scheme_code,
        fund_scope,
        last_day(account_month) as month_end,
        data_origin,
        min(report_status) as report_status,
        max(case when subject_code = 'balance_closing' then opening_yuan end) as opening_yuan,
        sum(case when subject_code = 'balance_closing' then adjustment_yuan else 0 end)
            as adjustment_yuan,
        max(case when subject_code = 'balance_closing' then adjustment_reason end)
            as adjustment_reason,
        sum(case when subject_kind = 'income' then amount_yuan else 0 end) as income_yuan,
        sum(case when subject_kind = 'expenditure' then amount_yuan else 0 end) as expense_yuan,
        max(
            case when subject_code = 'balance_closing' then coalesce(closing_yuan, amount_yuan) end
        ) as closing_yuan,
        max(known_on) as known_on
    from entry
    group by
        region_code,
        fund_code,
        scheme_code,
        fund_scope,
        last_day(account_month),
        data_origin
),

final as (
    select
        region_code,
        fund_code,
        month_end,
        data_origin,
        scheme_code,
        fund_scope,
        report_status,
        cast(opening_yuan as decimal(24, 2)) as opening_balance_yuan,
        cast(adjustment_yuan as decimal(24, 2)) as adjustment_yuan,
        adjustment_reason,
        cast(income_yuan as decimal(24, 2)) as income_yuan,
        cast(expense_yuan as decimal(24, 2)) as expense_yuan,
        cast(closing_yuan as decimal(24, 2)) as closing_balance_yuan,
        cast(income_yuan - expense_yuan as decimal(24, 2)) as current_balance_yuan,
        cast(
            closing_yuan - opening_yuan - adjustment_yuan - income_yuan + expense_yuan
            as decimal(24, 2)
        ) as unexplained_yuan,
        known_on,
        'open' as disclosure
    from account
)

select * from final
