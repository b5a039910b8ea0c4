-- One row per period, region, scheme, kind of service, level and age band: use, fee and funds.
with cell as (
    select * from {{ ref('fct_benefit__month') }}
),

span as (
    select * from {{ ref('int_calendar__spans') }}
    where period_basis in ('year', 't12')
),

final as (
    select
        span.period_basis,
        span.period_end,
        case when grouping(cell.region_code) = 1 then '460000' else cell.region_code end
            as region_code,
        cell.scheme_code,
        cell.service_code,
        cell.level_code,
        cell.age_band_code,
        cell.data_origin,
        cast(sum(cell.visits) as bigint) as visits,
        cast(sum(cell.fee_yuan) as decimal(24, 2)) as fee_yuan,
        cast(sum(cell.fund_yuan) as decimal(24, 2)) as fund_yuan,
        max(cell.known_on) as known_on
    from cell
    inner join span on cell.month_end = span.month_end and cell.data_origin = span.data_origin
    group by
        span.period_basis,
        span.period_end,
        cell.scheme_code,
        cell.service_code,
        cell.level_code,
        cell.age_band_code,
        cell.data_origin,
        grouping sets ((cell.region_code), ())
)

select * from final
