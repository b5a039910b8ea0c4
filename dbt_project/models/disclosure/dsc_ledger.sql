-- One row per region, fund, origin and year of the ledger: which of its amounts are withheld.
with account as (
    select * from {{ ref('dsc_ledger_accounts') }}
),

fund_month as (
    select * from {{ ref('fct_fund__month') }}
),

filled as (
    select
        region_code,
        fund_code,
        data_origin,
        year(month_end) as disclosure_year,
        bool_or(income_yuan <> 0) as has_income,
        bool_or(expense_yuan <> 0) as has_expenditure
    from fund_month
    group by region_code, fund_code, data_origin, year(month_end)
),

counted as (
    select
        {% for part, is_filled in [
            ('income', 'filled.has_income'),
            ('expenditure', 'filled.has_expenditure'),
            ('total', '(filled.has_income or filled.has_expenditure)'),
        ] -%}
            count(case when account.is_{{ part }}_withheld and {{ is_filled }} then 1 end) over (
                partition by account.fund_code, account.data_origin, account.disclosure_year
            ) as {{ part }}_regions,
        {% endfor -%}
        account.*
    from account
    left join filled
        on
            account.region_code = filled.region_code
            and account.fund_code = filled.fund_code
            and account.data_origin = filled.data_origin
            and account.disclosure_year = filled.disclosure_year
),

-- one account that is not empty would follow from the sum of the province, so none is shown
final as (
    select
        region_code,
        fund_code,
        data_origin,
        disclosure_year,
        is_income_withheld or income_regions = 1 as is_income_withheld,
        is_expenditure_withheld or expenditure_regions = 1 as is_expenditure_withheld,
        is_total_withheld or total_regions = 1 as is_total_withheld
    from counted
)

select * from final
