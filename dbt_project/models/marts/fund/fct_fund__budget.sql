-- One row per region, fund, kind of subject and month: the year so far against the budget in force.
with budget as (
    select * from {{ ref('int_fund__budgets_in_force') }}
),

executed as (
    select * from {{ ref('int_fund__executed') }}
),

code as (
    select * from {{ ref('feed_code') }}
    where code_set = 'ledger_subject'
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

final as (
    select
        executed.region_code,
        executed.fund_code,
        executed.subject_kind,
        executed.month_end,
        executed.data_origin,
        cast(executed.ytd_yuan as decimal(24, 2)) as ytd_yuan,
        cast(approved.original_yuan as decimal(24, 2)) as original_budget_yuan,
        cast(approved.budget_yuan as decimal(24, 2)) as budget_yuan,
        {{ ratio('executed.ytd_yuan', 'approved.budget_yuan') }} as execution_rate,
        {{ ratio('seasonal.ytd_yuan', 'seasonal.year_yuan') }} as seasonal_rate,
        approved.known_on as budget_known_on,
        executed.known_on,
        'open' as disclosure
    from executed
    inner join approved
        on
            executed.region_code = approved.region_code
            and executed.fund_code = approved.fund_code
            and executed.subject_kind = approved.subject_kind
            and executed.data_origin = approved.data_origin
            and executed.month_end = approved.month_end
    left join executed as seasonal
        on
            executed.region_code = seasonal.region_code
            and executed.fund_code = seasonal.fund_code
            and executed.subject_kind = seasonal.subject_kind
            and executed.data_origin = seasonal.data_origin
            and {{ same_period_last_year('executed.month_end', 'seasonal.month_end') }}
)

select * from final
