-- One row per measure of standardised admission, region, scheme and period.
with rate as (
    select * from {{ ref('fct_benefit__standardised_admission') }}
),

span as (
    select
        period_basis,
        period_end,
        min(period_start) as period_start
    from {{ ref('int_calendar__spans') }}
    group by period_basis, period_end
),

measured as (
    select
        *,
        'standardised_stays' as measure_key,
        standardised_rate * insured_persons as measure_number
    from rate
    union all
    select
        *,
        'standard_insured' as measure_key,
        insured_persons as measure_number
    from rate
),

final as (
    select
        measured.measure_key,
        measured.region_code,
        measured.scheme_code,
        'all' as fund_scope,
        measured.period_basis,
        span.period_start,
        measured.period_end,
        measured.data_origin,
        'preliminary' as report_status,
        cast(measured.measure_number as decimal(38, 10)) as total,
        1 as months_counted,
        cast(null as decimal(38, 10)) as closing,
        measured.period_end as basis_date,
        cast(1 as decimal(10, 6)) as completeness,
        measured.known_on
    from measured
    inner join span
        on
            measured.period_basis = span.period_basis
            and measured.period_end = span.period_end
)

select * from final
