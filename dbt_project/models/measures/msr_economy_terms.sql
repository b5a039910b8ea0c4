-- One row per year that the ledger covers in full: fund flows and the economy of the province.
with measure as (
    select * from {{ ref('msr_month') }}
    where
        measure_key in ('fund_income', 'fund_expense')
        and region_code = '460000'
        and scheme_code = 'all'
        and fund_scope = 'total'
),

figure as (
    select * from {{ ref('stg_platform__reference_figure') }}
    where
        indicator_code in ('gdp', 'disposable_income_per_capita') and region_code = '460000'
),

unit as (
    select * from {{ ref('unit') }}
    where base_unit = 'yuan'
),

flow as (
    select
        year(month_end) as economy_year,
        data_origin,
        sum(case when measure_key = 'fund_income' then number end) as income_yuan,
        sum(case when measure_key = 'fund_expense' then number end) as expense_yuan,
        max(report_status) as report_status,
        max(known_on) as known_on
    from measure
    group by year(month_end), data_origin
    having
        count(case when measure_key = 'fund_income' then 1 end) = 12
        and count(case when measure_key = 'fund_expense' then 1 end) = 12
        and min(coverage) = 1
),

economy as (
    select
        figure.figure_year,
        figure.data_origin,
        max(case when figure.indicator_code = 'gdp' then figure.number * unit.factor end)
            as gdp_yuan,
        max(
            case
                when figure.indicator_code = 'disposable_income_per_capita'
                    then figure.number * unit.factor
            end
        ) as disposable_income_yuan,
        max(figure.known_on) as known_on
    from figure
    inner join unit on figure.printed_unit = unit.printed_unit
    group by figure.figure_year, figure.data_origin
),

final as (
    select
        flow.economy_year,
        flow.data_origin,
        flow.report_status,
        greatest(flow.known_on, coalesce(economy.known_on, flow.known_on)) as known_on,
        flow.income_yuan,
        flow.expense_yuan,
        economy.gdp_yuan,
        economy.disposable_income_yuan
    from flow
    left join economy
        on flow.economy_year = economy.figure_year and flow.data_origin = economy.data_origin
)

select * from final
