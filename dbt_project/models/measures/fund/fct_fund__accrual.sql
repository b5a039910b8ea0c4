-- One row per scheme and month: from cash to accrual, balance and expenditure of twelve months.
with cash as (
    select * from {{ ref('msr_cash_terms') }}
),

payable as (
    select * from {{ ref('int_fund__payables') }}
),

unreported as (
    select * from {{ ref('int_fund__unreported') }}
),

advance as (
    select * from {{ ref('int_fund__advances') }}
),

prepaid as (
    select * from {{ ref('fct_fund__prepaid') }}
),

subsidy as (
    select
        scheme_code,
        month_end,
        data_origin,
        greatest(0, sum(budget_yuan) - sum(budgeted_ytd_yuan)) as receivable_yuan
    from {{ ref('fct_fund__subsidy') }}
    where level_code = 'all' and budget_yuan is not null and month(month_end) = 12
    group by scheme_code, month_end, data_origin
),

joined as (
    select
        cash.*,
        payable.payable_yuan,
        payable.payable_yuan - payable_before.payable_yuan as payable_change_yuan,
        unreported.unreported_yuan,
        unreported.unreported_yuan - unreported_before.unreported_yuan as unreported_change_yuan,
        prepaid.prepaid_yuan - prepaid_before.prepaid_yuan as prepaid_change_yuan,
        subsidy.receivable_yuan,
        case cash.scheme_code when 'resident' then advance.advance_yuan else 0 end as advance_yuan
    from cash
    {% for term, key in [
        ('payable', 'fund_code'), ('unreported', 'scheme_code'), ('prepaid', 'fund_code'),
    ] -%}
        left join {{ term }}
            on
                cash.{{ key }} = {{ term }}.{{ key }}
                and cash.month_end = {{ term }}.month_end
                and cash.data_origin = {{ term }}.data_origin
        left join {{ term }} as {{ term }}_before
            on
                cash.{{ key }} = {{ term }}_before.{{ key }}
                and cash.data_origin = {{ term }}_before.data_origin
                and {{ same_period_last_year('cash.month_end', term ~ '_before.month_end') }}
    {% endfor -%}
    left join subsidy
        on
            cash.scheme_code = subsidy.scheme_code
            and cash.month_end = subsidy.month_end
            and cash.data_origin = subsidy.data_origin
    left join advance
        on cash.month_end = advance.month_end and cash.data_origin = advance.data_origin
),

computed as (
    select
        *,
        closing_yuan - payable_yuan - unreported_yuan + coalesce(receivable_yuan, 0)
        - advance_yuan as accrual_balance_yuan,
        cash_expense_yuan + payable_change_yuan + unreported_change_yuan as accrual_expense_yuan
    from joined
),

final as (
    select
        scheme_code,
        month_end,
        data_origin,
        report_status,
        {% for name in [
            'closing', 'payable', 'unreported', 'receivable', 'advance', 'accrual_balance',
            'cash_expense', 'payable_change', 'unreported_change', 'prepaid_change',
        ] -%}
            cast({{ name }}_yuan as decimal(24, 2)) as {{ name }}_yuan,
        {% endfor -%}
        cast(null as decimal(24, 2)) as group_settlement_yuan,
        cast(accrual_expense_yuan as decimal(24, 2)) as accrual_expense_yuan,
        {{ ratio('closing_yuan * 12', 'cash_expense_yuan') }} as cash_payable_months,
        {{ ratio('accrual_balance_yuan * 12', 'accrual_expense_yuan') }} as accrual_payable_months,
        known_on
    from computed
)

select * from final
