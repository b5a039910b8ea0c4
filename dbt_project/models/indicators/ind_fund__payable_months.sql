-- One row per scheme, fund scope, date and status: closing balance over a month's expenditure.
with balance as (
    select * from {{ ref('int_fund__printed_balances') }}
),

months as (
    select
        case
            when scheme_code = 'resident' then 'payable_months_resident'
            when fund_scope = 'pool' then 'payable_months_pool'
            else 'payable_months_total'
        end as metric_key,
        case
            when scheme_code = 'all' then 'reconciliation'
            when period_basis = 'ytd' then 'year_to_date'
            else 'formula'
        end as variant,
        * replace (period_end as period_start, 'point' as period_basis),
        closing_balance_yuan as numerator,
        cast(
            {{
                part_of(
                    'expense_yuan',
                    "case when period_basis = 'ytd' then month(period_end) else 12 end",
                )
            }} as decimal(24, 6)
        ) as denominator,
        closing_value_key as input_1_key,
        expense_value_key as input_2_key,
        closing_less_value_key as input_3_key
    from balance
    where
        (
            period_basis = 'year'
            or (
                period_basis = 'ytd'
                and scheme_code <> 'all'
                and period_end = last_day(period_end)
                and period_start = date_trunc('year', period_end)
            )
        )
        and scheme_code in ('all', 'employee', 'resident')
        and closing_balance_yuan is not null
        and expense_yuan <> 0
        and not (scheme_code = 'all' and fund_scope = 'pool')
),

flagged as (
    select
        *,
        {{ ratio('numerator', 'denominator') }} as value,
        case
            when variant = 'reconciliation' and fund_scope = 'unstated'
                then 'scope_unstated;reconciliation_only'
            when variant = 'reconciliation' then 'reconciliation_only'
            else {{ fund_quality_flag() }}
        end as quality_flag
    from months
),

final as (
    {{ derived_indicator('flagged') }}
)

select * from final
