-- One row per period with months of both schemes: the joint figure, for reconciliation only.
with joint as (
    select * from {{ ref('int_quality__expense_implied') }}
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
        cast({{ ratio('closing_balance_yuan', 'expense_yuan / 12') }} as decimal(28, 10))
            as expected_value,
        cast({{ ratio('closing_balance_yuan', 'implied_expense / 12') }} as decimal(28, 10))
            as found_value,
        cast(
            {{ ratio('closing_balance_yuan', 'implied_expense / 12') }}
            - {{ ratio('closing_balance_yuan', 'highest_expense / 12') }}
            as decimal(28, 10)
        ) as tolerance,
        '合计可支付月数与分险种公布月数隐含值（仅作勾稽）' as rule_zh,
        'Joint payable months against the value implied by both schemes (reconciliation only)'
            as rule_en,
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
