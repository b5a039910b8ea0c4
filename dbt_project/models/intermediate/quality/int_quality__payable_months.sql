-- One row per period of which both schemes' months are published: the joint figure, for reconciliation only.
with balance as (
    select * from {{ ref('fct_fund__balance') }}
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

value_batch as (
    select * from {{ ref('indicator_value_batch') }}
),

record as (
    select
        value_key,
        min(batch_id) as batch_id,
        min(record_number) as record_number
    from value_batch
    where role = 'value'
    group by value_key
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
    where fund_scope in ('total', 'unstated', 'pool') and not (scheme_code = 'employee' and fund_scope = 'pool')
    group by all
),

joint as (
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
),

final as (
    select
        'joint_payable_months' as check_code,
        'joint_payable_months' as rule,
        'indicator' as series_code,
        region_code,
        'all' as scheme_code,
        fund_scope,
        'payable_months_total' as indicator_code,
        'point' as period_basis,
        period_end,
        'months' as unit,
        cast({{ ratio('closing_balance_yuan', 'expense_yuan / 12') }} as decimal(28, 10)) as expected_value,
        cast({{ ratio('closing_balance_yuan', 'implied_expense / 12') }} as decimal(28, 10)) as found_value,
        cast(
            closing_balance_yuan * 12 / implied_expense - closing_balance_yuan * 12 / highest_expense
            as decimal(28, 10)
        ) as tolerance,
        '合计可支付月数与分险种公布月数隐含值（仅作勾稽）' as rule_zh,
        'Joint payable months against the value implied by both schemes (reconciliation only)' as rule_en,
        batch_id,
        record_number
    from joint
    union all
    select
        'implied_expense' as check_code,
        'implied_expense' as rule,
        'indicator' as series_code,
        region_code,
        'all' as scheme_code,
        fund_scope,
        'fund_expense' as indicator_code,
        'year' as period_basis,
        period_end,
        'yuan' as unit,
        cast(implied_expense as decimal(28, 10)) as expected_value,
        cast(expense_yuan as decimal(28, 10)) as found_value,
        cast(highest_expense - implied_expense as decimal(28, 10)) as tolerance,
        '由公布月数反推的年支出与公布支出' as rule_zh,
        'Expenditure implied by the published months against as published' as rule_en,
        batch_id,
        record_number
    from joint
)

select * from final
