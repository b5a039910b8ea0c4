-- One row per derived fund indicator and period: current balance, balance rate, payable months, growth.
with balance as (
    select * from {{ ref('fct_fund__balance') }}
),

current_balance as (
    select
        'fund_current_balance' as metric_key,
        'formula' as variant,
        *,
        cast(current_balance_yuan as decimal(28, 10)) as value,
        cast(current_balance_yuan as decimal(28, 10)) as numerator,
        cast(null as decimal(28, 10)) as denominator,
        income_value_key as input_1_key,
        expense_value_key as input_2_key,
        cast(null as varchar) as input_3_key
    from balance
    where current_balance_yuan is not null
),

balance_rate as (
    select
        'fund_balance_rate' as metric_key,
        'formula' as variant,
        *,
        {{ ratio('current_balance_yuan', 'income_yuan') }} as value,
        cast(current_balance_yuan as decimal(28, 10)) as numerator,
        cast(income_yuan as decimal(28, 10)) as denominator,
        income_value_key as input_1_key,
        expense_value_key as input_2_key,
        cast(null as varchar) as input_3_key
    from balance
    where current_balance_yuan is not null and income_yuan <> 0
),

payable_months as (
    select
        case
            when scheme_code = 'resident' then 'payable_months_resident'
            when fund_scope = 'pool' then 'payable_months_pool'
            else 'payable_months_total'
        end as metric_key,
        case when scheme_code = 'all' then 'reconciliation' else 'formula' end as variant,
        * replace (period_end as period_start, 'point' as period_basis),
        {{ ratio('closing_balance_yuan', 'cast(expense_yuan / 12 as decimal(24, 6))') }} as value,
        cast(closing_balance_yuan as decimal(28, 10)) as numerator,
        cast(expense_yuan / 12 as decimal(24, 6)) as denominator,
        closing_value_key as input_1_key,
        expense_value_key as input_2_key,
        closing_less_value_key as input_3_key
    from balance
    where
        period_basis = 'year'
        and scheme_code in ('all', 'employee', 'resident')
        and closing_balance_yuan is not null
        and expense_yuan <> 0
        and not (scheme_code = 'all' and fund_scope = 'pool')
),

pooled_closing as (
    select
        'fund_cumulative_balance' as metric_key,
        'formula' as variant,
        * replace (period_end as period_start, 'point' as period_basis),
        cast(closing_balance_yuan as decimal(28, 10)) as value,
        cast(closing_balance_yuan as decimal(28, 10)) as numerator,
        cast(null as decimal(28, 10)) as denominator,
        closing_value_key as input_1_key,
        closing_less_value_key as input_2_key,
        cast(null as varchar) as input_3_key
    from balance
    where closing_less_value_key is not null and period_basis in ('year', 'point')
),

growth as (
    select
        measure.metric_key,
        'formula' as variant,
        present.* replace (greatest(present.known_on, past.known_on) as known_on),
        {{ ratio('measure.present_yuan - measure.past_yuan', 'measure.past_yuan') }} as value,
        cast(measure.present_yuan - measure.past_yuan as decimal(28, 10)) as numerator,
        cast(measure.past_yuan as decimal(28, 10)) as denominator,
        measure.present_key as input_1_key,
        measure.past_key as input_2_key,
        cast(null as varchar) as input_3_key
    from balance as present
    inner join balance as past
        on
            present.region_code = past.region_code
            and present.scheme_code = past.scheme_code
            and present.fund_scope = past.fund_scope
            and present.period_basis = past.period_basis
            and present.data_origin = past.data_origin
            and present.report_status = past.report_status
            and year(present.period_end) = year(past.period_end) + 1
            and month(present.period_end) = month(past.period_end)
            and present.period_basis in ('year', 'ytd', 'month', 'quarter')
    cross join lateral (
        values
        (
            'fund_income_growth', present.income_yuan, past.income_yuan,
            present.income_value_key, past.income_value_key
        ),
        (
            'fund_expense_growth', present.expense_yuan, past.expense_yuan,
            present.expense_value_key, past.expense_value_key
        )
    ) as measure (metric_key, present_yuan, past_yuan, present_key, past_key)
    where measure.present_yuan is not null and measure.past_yuan > 0
),

unioned as (
    select * from current_balance
    union all by name
    select * from balance_rate
    union all by name
    select * from payable_months
    union all by name
    select * from pooled_closing
    union all by name
    select * from growth
),

final as (
    select
        unioned.metric_key,
        unioned.variant,
        unioned.region_code,
        unioned.scheme_code,
        unioned.fund_scope,
        unioned.period_basis,
        unioned.period_start,
        unioned.period_end,
        unioned.data_origin,
        unioned.report_status,
        unioned.known_on,
        unioned.value,
        unioned.numerator,
        unioned.denominator,
        cast(null as decimal(28, 10)) as bound_lower,
        cast(null as decimal(28, 10)) as bound_upper,
        cast(null as varchar) as qualifier,
        cast(1 as decimal(5, 4)) as completeness,
        coalesce(
            nullif(
                concat_ws(
                    ';',
                    case when unioned.fund_scope = 'unstated' then 'scope_unstated' end,
                    case when unioned.variant = 'reconciliation' then 'reconciliation_only' end
                ), ''
            ), 'ok'
        ) as quality_flag,
        {{ value_key('unioned') }} as value_key,
        unioned.input_1_key,
        unioned.input_2_key,
        unioned.input_3_key
    from unioned
)

select * from final
