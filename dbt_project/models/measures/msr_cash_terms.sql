-- One row per scheme and month that the ledger covers for a year: balance and cash expenditure.
with measure as (
    select * from {{ ref('msr_month') }}
    where
        region_code = '460000'
        and fund_scope = 'pool'
        and scheme_code in ('employee', 'resident')
        and measure_key in ('fund_closing', 'fund_expense')
),

expense as (
    select
        *,
        sum(number) over twelve_months as year_yuan,
        count(*) over twelve_months as months_known,
        min(coverage) over twelve_months as year_coverage,
        max(known_on) over twelve_months as year_known_on
    from measure
    where measure_key = 'fund_expense'
    window twelve_months as (
        partition by scheme_code, data_origin
        order by month_end
        rows between 11 preceding and current row
    )
),

final as (
    select
        expense.scheme_code,
        case expense.scheme_code when 'resident' then 'resident' else 'employee_pool' end
            as fund_code,
        expense.month_end,
        expense.data_origin,
        greatest(expense.report_status, closing.report_status) as report_status,
        cast(closing.number as decimal(24, 2)) as closing_yuan,
        cast(expense.year_yuan as decimal(24, 2)) as cash_expense_yuan,
        greatest(expense.year_known_on, closing.known_on) as known_on
    from expense
    inner join measure as closing
        on
            expense.scheme_code = closing.scheme_code
            and expense.month_end = closing.month_end
            and expense.data_origin = closing.data_origin
            and closing.measure_key = 'fund_closing'
            and closing.coverage = 1
    where expense.months_known = 12 and expense.year_coverage = 1
)

select * from final
