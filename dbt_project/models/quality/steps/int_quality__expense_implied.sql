-- One row per region and year with months of both schemes: the expenditure that they imply.
with balance as (
    select * from {{ ref('int_fund__printed_balances') }}
),

printed as (
    select * from {{ ref('ind_published__printed') }}
    qualify row_number() over (
        partition by
            metric_key, variant, region_code, scheme_code, fund_scope, period_basis, period_end,
            data_origin, report_status
        order by known_on desc
    ) = 1
),

record as (
    select * from {{ ref('int_indicator__sources') }}
),

months as (
    select
        region_code,
        period_end,
        report_status,
        max(value) filter (where metric_key = 'payable_months_total' and scheme_code = 'employee')
            as employee_months,
        max(value) filter (where metric_key = 'payable_months_resident') as resident_months
    from printed
    where variant = 'published'
    group by all
),

closing as (
    select
        region_code,
        period_end,
        report_status,
        max(closing_balance_yuan) filter (where scheme_code = 'employee') as employee_closing,
        max(closing_balance_yuan) filter (where scheme_code = 'resident') as resident_closing
    from balance
    where
        fund_scope in ('total', 'unstated', 'pool')
        and not (scheme_code = 'employee' and fund_scope = 'pool')
    group by all
),

final as (
    select
        balance.region_code,
        balance.fund_scope,
        balance.period_end,
        balance.closing_balance_yuan,
        balance.expense_yuan,
        record.batch_id,
        record.record_number,
        closing.employee_closing * 12 / months.employee_months
        + closing.resident_closing * 12 / months.resident_months as implied_expense,
        closing.employee_closing * 12 / (months.employee_months - 0.5)
        + closing.resident_closing * 12 / (months.resident_months - 0.5) as highest_expense
    from balance
    inner join months
        on
            balance.region_code = months.region_code
            and balance.period_end = months.period_end
            and balance.report_status = months.report_status
    inner join closing
        on
            balance.region_code = closing.region_code
            and balance.period_end = closing.period_end
            and balance.report_status = closing.report_status
    inner join record on balance.expense_value_key = record.value_key
    where
        balance.scheme_code = 'all'
        and balance.period_basis = 'year'
        and balance.closing_balance_yuan is not null
        and months.employee_months > 0.5
        and months.resident_months > 0.5
        and closing.employee_closing > 0
        and closing.resident_closing > 0
        and balance.closing_balance_yuan > 0
        and balance.expense_yuan > 0
)

select * from final
