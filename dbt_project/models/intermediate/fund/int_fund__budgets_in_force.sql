-- One row per region, fund, subject and month: the original budget and the one in force then.
with budget as (
    select * from {{ ref('stg_platform__budget') }}
    where budget_type in ('original', 'adjusted')
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

newest as (
    select
        budget.*,
        calendar.month_end
    from budget
    inner join calendar
        on
            year(budget.budget_year_start) = year(calendar.month_end)
            and budget.data_origin = calendar.data_origin
            and (
                budget.budget_type = 'original'
                or coalesce(budget.approved_date, budget.known_on) <= calendar.month_end
            )
    qualify row_number() over (
        partition by
            budget.region_code, budget.fund_code, budget.subject_code, budget.data_origin,
            budget.budget_type, calendar.month_end
        order by
            budget.approved_date desc nulls last,
            try_cast(budget.budget_version as integer) desc nulls last,
            budget.budget_version desc
    ) = 1
),

final as (
    select
        region_code,
        fund_code,
        subject_code,
        month_end,
        data_origin,
        sum(case when budget_type = 'original' then amount_yuan end) as original_yuan,
        coalesce(
            sum(case when budget_type = 'adjusted' then amount_yuan end),
            sum(case when budget_type = 'original' then amount_yuan end)
        ) as budget_yuan,
        max(known_on) as known_on
    from newest
    group by region_code, fund_code, subject_code, month_end, data_origin
)

select * from final
