-- One row per region, fund, kind of subject and month: the year so far against the budget in force.
with budget as (
    select * from {{ ref('int_fund__budgets_in_force') }}
),

ledger as (
    select * from {{ ref('fct_fund__ledger') }}
),

code as (
    select * from {{ ref('feed_code') }}
    where code_set = 'ledger_subject'
),

month_total as (
    select
        region_code,
        fund_code,
        subject_kind,
        month_end,
        data_origin,
        sum(sum(amount_yuan)) over (
            partition by region_code, fund_code, subject_kind, data_origin, year(month_end)
            order by month_end
            rows between unbounded preceding and current row
        ) as ytd_yuan,
        max(known_on) as known_on
    from ledger
    group by region_code, fund_code, subject_kind, month_end, data_origin
),

approved as (
    select
        budget.region_code,
        budget.fund_code,
        code.maps_to as subject_kind,
        budget.month_end,
        budget.data_origin,
        sum(budget.original_yuan) as original_yuan,
        sum(budget.budget_yuan) as budget_yuan,
        max(budget.known_on) as known_on
    from budget
    inner join code on budget.subject_code = code.code
    group by
        budget.region_code, budget.fund_code, code.maps_to, budget.month_end, budget.data_origin
),

seasonal as (
    select
        region_code,
        fund_code,
        subject_kind,
        data_origin,
        month_end,
        ytd_yuan,
        max(case when month(month_end) = 12 then ytd_yuan end) over (
            partition by region_code, fund_code, subject_kind, data_origin, year(month_end)
        ) as year_yuan
    from month_total
),

final as (
    select
        month_total.region_code,
        month_total.fund_code,
        month_total.subject_kind,
        month_total.month_end,
        month_total.data_origin,
        cast(month_total.ytd_yuan as decimal(24, 2)) as ytd_yuan,
        cast(approved.original_yuan as decimal(24, 2)) as original_budget_yuan,
        cast(approved.budget_yuan as decimal(24, 2)) as budget_yuan,
        {{ ratio('month_total.ytd_yuan', 'approved.budget_yuan') }} as execution_rate,
        {{ ratio('seasonal.ytd_yuan', 'seasonal.year_yuan') }} as seasonal_rate,
        approved.known_on as budget_known_on,
        month_total.known_on
    from month_total
    inner join approved
        on
            month_total.region_code = approved.region_code
            and month_total.fund_code = approved.fund_code
            and month_total.subject_kind = approved.subject_kind
            and month_total.data_origin = approved.data_origin
            and month_total.month_end = approved.month_end
    left join seasonal
        on
            month_total.region_code = seasonal.region_code
            and month_total.fund_code = seasonal.fund_code
            and month_total.subject_kind = seasonal.subject_kind
            and month_total.data_origin = seasonal.data_origin
            and {{ same_period_last_year('month_total.month_end', 'seasonal.month_end') }}
)

select * from final
