-- One row per region, scheme, scope, period, origin and status: flows, balance and identity.
with printed as (
    select * from {{ ref('int_fund__printed_balances') }}
),

of_feeds as (
    select * from {{ ref('int_fund__feed_balances') }}
),

final as (
    {% for part in ['printed', 'of_feeds'] -%}
        select
            region_code,
            scheme_code,
            fund_scope,
            period_basis,
            period_end,
            data_origin,
            report_status,
            period_start,
            known_on,
            opening_balance_yuan,
            income_yuan,
            expense_yuan,
            current_balance_yuan,
            printed_current_balance_yuan,
            closing_balance_yuan,
            unexplained_yuan,
            income_value_key,
            expense_value_key,
            closing_value_key,
            closing_less_value_key
        from {{ part }}
        {{ "union all" if not loop.last }}
    {% endfor -%}
)

select * from final
