-- One row per region, fund, level of government and month: subsidies arrived against the budget.
with entry as (
    select * from {{ ref('fct_fund__ledger') }}
    where
        subject_code like 'income_subsidy%' and fund_code in ('employee_pool', 'resident')
),

account as (
    select * from {{ ref('fct_fund__month') }}
),

budget as (
    select * from {{ ref('int_fund__budgets_in_force') }}
    where
        subject_code like 'income_subsidy%' and fund_code in ('employee_pool', 'resident')
),

subject as (
    select
        region_code,
        fund_code,
        subject_code,
        year(month_end) as subsidy_year,
        data_origin
    from entry
    union
    select
        region_code,
        fund_code,
        subject_code,
        year(month_end) as subsidy_year,
        data_origin
    from budget
),

by_level as (
    select
        account.region_code,
        account.fund_code,
        account.scheme_code,
        case subject.subject_code
            when 'income_subsidy_central' then 'central'
            when 'income_subsidy_provincial' then 'provincial'
            when 'income_subsidy_county' then 'county'
            else 'not_stated'
        end as level_code,
        account.month_end,
        account.data_origin,
        sum(coalesce(entry.amount_yuan, 0)) over (
            partition by
                account.region_code, account.fund_code, subject.subject_code, account.data_origin,
                year(account.month_end)
            order by account.month_end
            rows between unbounded preceding and current row
        ) as ytd_yuan,
        budget.budget_yuan,
        greatest(account.known_on, coalesce(budget.known_on, account.known_on)) as known_on
    from account
    inner join subject
        on
            account.region_code = subject.region_code
            and account.fund_code = subject.fund_code
            and account.data_origin = subject.data_origin
            and year(account.month_end) = subject.subsidy_year
    left join entry
        on
            account.region_code = entry.region_code
            and account.fund_code = entry.fund_code
            and account.data_origin = entry.data_origin
            and account.month_end = entry.month_end
            and subject.subject_code = entry.subject_code
    left join budget
        on
            account.region_code = budget.region_code
            and account.fund_code = budget.fund_code
            and account.data_origin = budget.data_origin
            and account.month_end = budget.month_end
            and subject.subject_code = budget.subject_code
),

final as (
    select
        region_code,
        fund_code,
        case when grouping(level_code) = 1 then 'all' else level_code end as level_code,
        month_end,
        data_origin,
        scheme_code,
        cast(sum(ytd_yuan) as decimal(24, 2)) as ytd_yuan,
        cast(sum(budget_yuan) as decimal(24, 2)) as budget_yuan,
        cast(sum(case when budget_yuan is not null then ytd_yuan end) as decimal(24, 2))
            as budgeted_ytd_yuan,
        {{
            ratio(
                'sum(case when budget_yuan is not null then ytd_yuan end)', 'sum(budget_yuan)'
            )
        }} as arrival_rate,
        max(known_on) as known_on,
        'open' as disclosure
    from by_level
    group by
        region_code, fund_code, month_end, data_origin, scheme_code,
        grouping sets ((level_code), ())
)

select * from final
