-- One row per measure of fund and economy and month of a year, the province only.
with economy as (
    select * from {{ ref('fct_fund__economy') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

dated as (
    select
        '460000' as region_code,
        'all' as scheme_code,
        'total' as fund_scope,
        calendar.month_end,
        economy.data_origin,
        economy.report_status,
        economy.gdp_yuan as gdp,
        economy.expense_growth_rate as expense_growth_3y,
        economy.gdp_growth_rate as gdp_growth_3y,
        economy.income_gap_rate as income_over_disposable,
        economy.known_on
    from economy
    inner join calendar
        on
            economy.economy_year = year(calendar.month_end)
            and economy.data_origin = calendar.data_origin
),

final as (
    {% for key in ['gdp', 'expense_growth_3y', 'gdp_growth_3y', 'income_over_disposable'] -%}
        select
            '{{ key }}' as measure_key,
            region_code,
            scheme_code,
            fund_scope,
            month_end,
            data_origin,
            report_status,
            cast({{ key }} as decimal(38, 10)) as number,
            month_end as basis_date,
            known_on,
            cast(1 as decimal(20, 10)) as coverage
        from dated
        where {{ key }} is not null
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
)

select * from final
