-- One row per measure of the funds, region, scheme, scope and month; total is pool with accounts.
with account as (
    select * from {{ ref('fct_fund__month') }}
    where scheme_code in ('employee', 'resident')
),

scoped as (
    select
        *,
        fund_scope as measure_scope
    from account
    union all
    select
        *,
        'total' as measure_scope
    from account
),

wide as (
    select
        region_code,
        scheme_code,
        measure_scope as fund_scope,
        month_end,
        data_origin,
        max(report_status) as report_status,
        sum(income_yuan) as fund_income,
        sum(expense_yuan) as fund_expense,
        sum(current_balance_yuan) as fund_current,
        sum(closing_balance_yuan) as fund_closing,
        max(known_on) as known_on
    from scoped
    group by region_code, scheme_code, measure_scope, month_end, data_origin
),

final as (
    {{ measure_rows('wide', ['fund_income', 'fund_expense', 'fund_current', 'fund_closing']) }}
)

select * from final
