-- One row per region, scheme and month: growth of twelve months' expenditure over that of income.
with feed_value as (
    select * from {{ ref('ind_feed__period') }}
    where completeness = 1
),

growth as (
    select
        present.metric_key,
        present.region_code,
        present.scheme_code,
        present.period_end,
        present.data_origin,
        greatest(present.known_on, past.known_on) as known_on,
        {{ growth('present.value', 'past.value') }} as growth_rate
    from feed_value as present
    inner join feed_value as past
        on
            {{ same_series('present', 'past') }}
            and {{ same_period_last_year('present.period_end', 'past.period_end') }}
    where
        present.metric_key in ('fund_income', 'fund_expense')
        and present.period_basis = 't12'
        and present.fund_scope = 'pool'
        and past.value > 0
),

opened as (
    select
        expense.region_code,
        expense.scheme_code,
        expense.period_end,
        expense.data_origin,
        greatest(expense.known_on, income.known_on) as known_on,
        expense.growth_rate - income.growth_rate as number
    from growth as expense
    inner join growth as income
        on
            expense.metric_key = 'fund_expense'
            and income.metric_key = 'fund_income'
            and expense.region_code = income.region_code
            and expense.scheme_code = income.scheme_code
            and expense.period_end = income.period_end
            and expense.data_origin = income.data_origin
),

final as (
    select
        opened.region_code,
        opened.scheme_code,
        opened.period_end,
        opened.data_origin,
        opened.known_on,
        opened.number,
        case when earlier.number is not null then least(opened.number, earlier.number) end
            as sustained
    from opened
    left join opened as earlier
        on
            opened.region_code = earlier.region_code
            and opened.scheme_code = earlier.scheme_code
            and opened.data_origin = earlier.data_origin
            and earlier.period_end = last_day(cast(opened.period_end - interval 3 month as date))
)

select * from final
