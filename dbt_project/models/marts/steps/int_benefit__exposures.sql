-- One row per period, region, scheme, age band and sex: mean insured persons of the months.
with cell as (
    select * from {{ ref('fct_enrolment__month_end') }}
),

span as (
    select * from {{ ref('int_calendar__spans') }}
    where period_basis in ('year', 't12')
),

known as (
    select month_end from cell
    group by month_end
),

covered as (
    select
        span.period_basis,
        span.period_end,
        max(span.months_needed) as months_needed
    from span
    inner join known on span.month_end = known.month_end
    group by span.period_basis, span.period_end
    having count(*) = max(span.months_needed)
),

final as (
    select
        span.period_basis,
        span.period_end,
        case when grouping(cell.region_code) = 1 then '460000' else cell.region_code end
            as region_code,
        cell.scheme_code,
        cell.age_band_code,
        cell.sex_code,
        cell.data_origin,
        {{ ratio('sum(cell.insured_persons)', 'max(covered.months_needed)') }} as insured_persons,
        max(cell.known_on) as known_on
    from cell
    inner join span on cell.month_end = span.month_end and cell.data_origin = span.data_origin
    inner join covered
        on
            span.period_basis = covered.period_basis
            and span.period_end = covered.period_end
    group by
        span.period_basis,
        span.period_end,
        cell.scheme_code,
        cell.age_band_code,
        cell.sex_code,
        cell.data_origin,
        grouping sets ((cell.region_code), ())
)

select * from final
