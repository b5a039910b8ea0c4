-- One row per measure of enrolment, region, scheme and month.
with cell as (
    select * from {{ ref('fct_enrolment__month_end') }}
),

month_lock as (
    select * from {{ source('raw', 'month_lock') }}
),

wide as (
    select
        cell.region_code,
        cell.scheme_code,
        'all' as fund_scope,
        cell.month_end,
        cell.data_origin,
        sum(cell.insured_persons) as insured,
        sum(case when not cell.is_retired then cell.insured_persons else 0 end) as insured_active,
        sum(case when cell.is_retired then cell.insured_persons else 0 end) as insured_retired,
        sum(case when cell.is_flexible then cell.insured_persons else 0 end) as insured_flexible,
        max(cell.known_on) as known_on
    from cell
    group by cell.region_code, cell.scheme_code, cell.month_end, cell.data_origin
),

dated as (
    select
        wide.*,
        case when month_lock.month is null then 'preliminary' else 'final' end as report_status
    from wide
    left join month_lock on date_trunc('month', wide.month_end) = month_lock.month
),

final as (
    {{
        measure_rows(
            'dated', ['insured', 'insured_active', 'insured_retired', 'insured_flexible']
        )
    }}
)

select * from final
