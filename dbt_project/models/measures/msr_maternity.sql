-- One row per region, scheme and month with settlements and ledger: maternity care and allowances.
with measure as (
    select * from {{ ref('msr_month') }}
),

care as (
    select * from measure
    where measure_key = 'maternity_fund'
),

allowance as (
    select * from measure
    where measure_key = 'maternity_allowance'
),

final as (
    select
        'maternity_paid' as measure_key,
        care.region_code,
        care.scheme_code,
        care.fund_scope,
        care.month_end,
        care.data_origin,
        greatest(care.report_status, allowance.report_status) as report_status,
        care.number + allowance.number as number,
        care.basis_date,
        greatest(care.known_on, allowance.known_on) as known_on,
        least(care.coverage, allowance.coverage) as coverage
    from care
    inner join allowance
        on
            care.region_code = allowance.region_code
            and care.scheme_code = allowance.scheme_code
            and care.fund_scope = allowance.fund_scope
            and care.month_end = allowance.month_end
            and care.data_origin = allowance.data_origin
)

select * from final
