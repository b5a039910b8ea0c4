-- One row per region and month: insured residents times a twelfth of the year's subsidy standard.
with insured as (
    select * from {{ ref('msr_month') }}
    where measure_key = 'insured' and scheme_code = 'resident'
),

standard as (
    select * from {{ ref('fct_fund__standard') }}
    where subsidy_yuan is not null
),

final as (
    select
        'subsidy_due' as measure_key,
        insured.region_code,
        insured.scheme_code,
        insured.fund_scope,
        insured.month_end,
        insured.data_origin,
        insured.report_status,
        cast(
            {{ part_of('insured.number * standard.subsidy_yuan', '12') }} as decimal(38, 10)
        ) as number,
        insured.basis_date,
        greatest(insured.known_on, standard.known_on) as known_on,
        insured.coverage
    from insured
    inner join standard
        on
            year(insured.month_end) = standard.standard_year
            and insured.data_origin = standard.data_origin
)

select * from final
