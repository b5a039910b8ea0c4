-- One row per signal, region, scheme and month: its number, and the least it held over its window.
with feed_value as (
    select * from {{ ref('ind_feed__period') }}
    where completeness = 1
),

jump as (
    select * from {{ ref('int_fund__jumps') }}
),

scissors as (
    select * from {{ ref('int_fund__scissors') }}
),

unioned as (
    select
        'scissors' as signal_code,
        region_code,
        scheme_code,
        period_end,
        data_origin,
        known_on,
        number,
        sustained
    from scissors
    union all
    select
        case
            when metric_key like 'payable%' then 'payable_months'
            when metric_key = 'fund_current_balance' then 'deficit'
            when metric_key = 'income_budget_exec' then 'budget_income'
            else 'budget_expense'
        end as signal_code,
        region_code,
        scheme_code,
        period_end,
        data_origin,
        known_on,
        value as number,
        value as sustained
    from feed_value
    where
        metric_key in ('payable_months_pool', 'payable_months_resident')
        or (
            metric_key = 'fund_current_balance' and period_basis = 't12' and fund_scope = 'pool'
        )
        or (variant = 'seasonal_deviation' and fund_scope = 'pool')
    union all
    select
        case present.metric_key when 'renewal_rate' then 'renewal' else 'paid_progress' end
            as signal_code,
        present.region_code,
        present.scheme_code,
        present.period_end,
        present.data_origin,
        greatest(present.known_on, past.known_on) as known_on,
        present.value - past.value as number,
        present.value - past.value as sustained
    from feed_value as present
    inner join feed_value as past
        on
            {{ same_series('present', 'past') }}
            and {{ same_period_last_year('present.period_end', 'past.period_end') }}
    where
        present.metric_key = 'renewal_rate'
        or (present.metric_key = 'enrol_rate_paid' and present.variant = 'resident')
    {% for name, column in [('expense_residual', 'residual'), ('expense_cusum', 'cusum')] -%}
        union all
        select
            '{{ name }}' as signal_code,
            region_code,
            scheme_code,
            month_end as period_end,
            data_origin,
            known_on,
            {{ column }} as number,
            {{ column }} as sustained
        from jump
    {% endfor %}
),

final as (
    select
        signal_code,
        region_code,
        scheme_code,
        period_end as month_end,
        data_origin,
        cast(number as decimal(28, 10)) as number,
        cast(sustained as decimal(28, 10)) as sustained,
        known_on
    from unioned
)

select * from final
