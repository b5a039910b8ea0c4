-- One row per year: growth of the funds beside growth of the economy, and expenditure over output.
with economy as (
    select * from {{ ref('msr_economy_terms') }}
),

compared as (
    select
        present.*,
        {{ growth('present.income_yuan', 'past.income_yuan') }} as income_growth_rate,
        {{ growth('present.disposable_income_yuan', 'past.disposable_income_yuan') }}
            as disposable_income_growth_rate,
        {{ yearly_growth('present.expense_yuan', 'earlier.expense_yuan', 3) }}
            as expense_growth_rate,
        {{ yearly_growth('present.gdp_yuan', 'earlier.gdp_yuan', 3) }} as gdp_growth_rate
    from economy as present
    left join economy as past
        on
            present.economy_year = past.economy_year + 1
            and present.data_origin = past.data_origin
            and past.income_yuan > 0
            and past.disposable_income_yuan > 0
    left join economy as earlier
        on
            present.economy_year = earlier.economy_year + 3
            and present.data_origin = earlier.data_origin
),

final as (
    select
        cast(economy_year as integer) as economy_year,
        data_origin,
        report_status,
        cast(income_yuan as decimal(24, 2)) as income_yuan,
        cast(expense_yuan as decimal(24, 2)) as expense_yuan,
        cast(gdp_yuan as decimal(24, 2)) as gdp_yuan,
        cast(disposable_income_yuan as decimal(24, 2)) as disposable_income_yuan,
        income_growth_rate,
        disposable_income_growth_rate,
        expense_growth_rate,
        gdp_growth_rate,
        case when gdp_growth_rate > 0 then {{ ratio('expense_growth_rate', 'gdp_growth_rate') }} end
            as elasticity_rate,
        cast(income_growth_rate - disposable_income_growth_rate as decimal(20, 10))
            as income_gap_rate,
        {{ ratio('expense_yuan', 'gdp_yuan') }} as expense_share_rate,
        known_on
    from compared
)

select * from final
