-- One row per kind of flow, region, scheme, scope and month: yuan executed beyond the path.
with measure as (
    select * from {{ ref('msr_month') }}
),

flow as (
    select
        case measure_key when 'fund_income' then 'income' else 'expenditure' end as subject_kind,
        region_code,
        scheme_code,
        fund_scope,
        month_end,
        data_origin,
        sum(number) over since_january as ytd_yuan,
        sum(number) over whole_year as year_yuan,
        count(*) over whole_year as months_known,
        min(coverage) over whole_year as year_coverage
    from measure
    where measure_key in ('fund_income', 'fund_expense')
    window
        since_january as (
            partition by
                measure_key, region_code, scheme_code, fund_scope, data_origin, year(month_end)
            order by month_end
            rows between unbounded preceding and current row
        ),
        whole_year as (
            partition by
                measure_key, region_code, scheme_code, fund_scope, data_origin, year(month_end)
        )
),

executed as (
    select
        substr(measure_key, 10) as subject_kind,
        *
    from measure
    where measure_key in ('executed_income', 'executed_expenditure')
),

budget as (
    select
        substr(measure_key, 8) as subject_kind,
        *
    from measure
    where measure_key in ('budget_income', 'budget_expenditure')
),

final as (
    select
        executed.subject_kind || '_off_path' as measure_key,
        executed.region_code,
        executed.scheme_code,
        executed.fund_scope,
        executed.month_end,
        executed.data_origin,
        executed.report_status,
        cast(
            executed.number - budget.number * {{ ratio('flow.ytd_yuan', 'flow.year_yuan') }}
            as decimal(38, 10)
        ) as number,
        executed.basis_date,
        greatest(executed.known_on, budget.known_on) as known_on,
        least(executed.coverage, budget.coverage) as coverage
    from executed
    inner join budget
        on
            executed.subject_kind = budget.subject_kind
            and executed.region_code = budget.region_code
            and executed.scheme_code = budget.scheme_code
            and executed.fund_scope = budget.fund_scope
            and executed.month_end = budget.month_end
            and executed.data_origin = budget.data_origin
    inner join flow
        on
            executed.subject_kind = flow.subject_kind
            and executed.region_code = flow.region_code
            and executed.scheme_code = flow.scheme_code
            and executed.fund_scope = flow.fund_scope
            and executed.data_origin = flow.data_origin
            and {{ same_period_last_year('executed.month_end', 'flow.month_end') }}
    where flow.months_known = 12 and flow.year_coverage = 1 and flow.year_yuan > 0
)

select * from final
