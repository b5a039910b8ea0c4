-- One row per region, fund, origin and year of the ledger: what of it the public files withhold.
with withheld as (
    select * from {{ ref('dsc_ledger') }}
),

final as (
    select
        region_code,
        fund_code,
        data_origin,
        cast(disclosure_year as integer) as disclosure_year,
        is_income_withheld,
        is_expenditure_withheld,
        is_total_withheld
    from withheld
)

select * from final
