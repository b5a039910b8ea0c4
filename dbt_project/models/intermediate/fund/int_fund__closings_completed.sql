-- One row per region, scheme, scope, date and status: balances, the employee pool completed.
with measure as (
    select * from {{ ref('int_published__measures_latest') }}
),

printed as (
    select
        region_code,
        scheme_code,
        fund_scope,
        period_end,
        data_origin,
        report_status,
        known_on,
        number,
        value_key,
        cast(null as varchar) as less_value_key
    from measure
    where metric_key = 'fund_cumulative_balance' and period_basis = 'point'
),

derived as (
    select
        total.region_code,
        'employee' as scheme_code,
        'pool' as fund_scope,
        total.period_end,
        total.data_origin,
        total.report_status,
        greatest(total.known_on, resident.known_on) as known_on,
        cast(total.number - resident.number as decimal(28, 10)) as number,
        total.value_key,
        resident.value_key as less_value_key
    from printed as total
    inner join printed as resident
        on
            total.region_code = resident.region_code
            and total.period_end = resident.period_end
            and total.data_origin = resident.data_origin
            and total.report_status = resident.report_status
    left join printed as employee
        on
            total.region_code = employee.region_code
            and total.period_end = employee.period_end
            and total.data_origin = employee.data_origin
            and total.report_status = employee.report_status
            and employee.scheme_code = 'employee'
            and employee.fund_scope = 'pool'
    where
        total.scheme_code = 'all'
        and total.fund_scope = 'pool'
        and resident.scheme_code = 'resident'
        and resident.fund_scope = 'pool'
        and employee.value_key is null
),

final as (
    select * from printed
    union all
    select * from derived
)

select * from final
