-- One row per county, fund and month: expenditure since January that own income does not cover.
with entry as (
    select * from {{ ref('int_fund__entries') }}
    where region_code <> '469900' and fund_code in ('employee_pool', 'resident')
),

by_month as (
    select
        region_code,
        fund_code,
        scheme_code,
        last_day(account_month) as month_end,
        data_origin,
        sum(case when subject_kind = 'income' then amount_yuan else 0 end) as income_yuan,
        sum(case when subject_code = 'income_superior' then amount_yuan else 0 end)
            as superior_yuan,
        sum(case when subject_kind = 'expenditure' then amount_yuan else 0 end) as expense_yuan,
        max(known_on) as known_on
    from entry
    group by region_code, fund_code, scheme_code, last_day(account_month), data_origin
),

cumulated as (
    select
        region_code,
        fund_code,
        scheme_code,
        month_end,
        data_origin,
        sum(expense_yuan) over since_january as expense_yuan,
        sum(income_yuan - superior_yuan) over since_january as own_income_yuan,
        sum(superior_yuan) over since_january as superior_yuan,
        max(known_on) over since_january as known_on
    from by_month
    window since_january as (
        partition by region_code, fund_code, data_origin, year(month_end)
        order by month_end
        rows between unbounded preceding and current row
    )
),

gapped as (
    select
        *,
        greatest(0, expense_yuan - own_income_yuan) as gap_yuan
    from cumulated
),

final as (
    select
        region_code,
        fund_code,
        month_end,
        data_origin,
        scheme_code,
        cast(expense_yuan as decimal(24, 2)) as expense_yuan,
        cast(own_income_yuan as decimal(24, 2)) as own_income_yuan,
        cast(superior_yuan as decimal(24, 2)) as superior_yuan,
        cast(gap_yuan as decimal(24, 2)) as gap_yuan,
        cast(least(gap_yuan, greatest(0, superior_yuan)) as decimal(24, 2)) as province_part_yuan,
        cast(gap_yuan - least(gap_yuan, greatest(0, superior_yuan)) as decimal(24, 2))
            as county_part_yuan,
        {{ ratio('gap_yuan', 'expense_yuan') }} as gap_rate,
        known_on,
        'open' as disclosure
    from gapped
)

select * from final
