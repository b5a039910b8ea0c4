-- One row per measure, region, scheme, scope and month: counties, the province, and both schemes.
with unioned as (
    select
        *,
        month_end as basis_date
    from {{ ref('int_measure__benefit') }}
    union all
    select
        *,
        month_end as basis_date
    from {{ ref('int_measure__enrolment') }}
    union all
    select
        *,
        month_end as basis_date
    from {{ ref('int_measure__fund') }}
    union all
    select
        *,
        month_end as basis_date
    from {{ ref('int_measure__membership') }}
    union all
    select
        *,
        month_end as basis_date
    from {{ ref('int_measure__budget') }}
    union all by name
    select * from {{ ref('int_measure__population') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

covered as (
    select unioned.* from unioned
    inner join calendar on unioned.month_end = calendar.month_end
    where unioned.number is not null
),

placed as (
    select * from covered
    where region_code <> '460000'
    union all
    select * replace ('460000' as region_code) from covered
),

final as (
    select
        measure_key,
        region_code,
        case when grouping(scheme_code) = 1 then 'all' else scheme_code end as scheme_code,
        fund_scope,
        month_end,
        data_origin,
        max(report_status) as report_status,
        cast(sum(number) as decimal(38, 4)) as number,
        min(basis_date) as basis_date,
        max(known_on) as known_on
    from placed
    group by
        measure_key,
        region_code,
        fund_scope,
        month_end,
        data_origin,
        grouping sets ((scheme_code), ())
    having not (grouping(scheme_code) = 0 and min(scheme_code) = 'all')
)

select * from final
