-- One row per budget or what was executed of it, region, scheme, scope and month.
with budget as (
    select * from {{ ref('fct_fund__budget') }}
),

scoped as (
    select
        *,
        case when fund_code = 'employee_account' then 'account' else 'pool' end as fund_scope
    from budget
    where fund_code in ('employee_pool', 'employee_account', 'resident')
    union all
    select
        *,
        'total' as fund_scope
    from budget
    where fund_code in ('employee_pool', 'employee_account', 'resident')
),

measured as (
    select
        *,
        'budget_' || subject_kind as measure_key,
        budget_yuan as measure_yuan,
        budget_known_on as measure_known_on
    from scoped
    union all
    select
        *,
        'executed_' || subject_kind as measure_key,
        ytd_yuan as measure_yuan,
        known_on as measure_known_on
    from scoped
),

final as (
    select
        measure_key,
        region_code,
        case fund_code when 'resident' then 'resident' else 'employee' end as scheme_code,
        fund_scope,
        month_end,
        data_origin,
        'final' as report_status,
        cast(sum(measure_yuan) as decimal(28, 4)) as number,
        max(measure_known_on) as known_on
    from measured
    group by
        measure_key,
        region_code,
        case fund_code when 'resident' then 'resident' else 'employee' end,
        fund_scope,
        month_end,
        data_origin
)

select * from final
