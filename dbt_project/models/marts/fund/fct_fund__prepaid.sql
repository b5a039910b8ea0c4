-- One row per fund and month: prepayments not yet cleared in the whole province, by age.
with entry as (
    select * from {{ ref('int_fund__entries') }}
    where subject_code = 'balance_prepaid'
),

clearing as (
    select * from {{ ref('stg_platform__clearing') }}
    where offset_yuan <> 0 and paid_date is not null
),

balance as (
    select
        fund_code,
        scheme_code,
        fund_scope,
        account_month,
        data_origin,
        sum(amount_yuan) as prepaid_yuan,
        max(known_on) as known_on
    from entry
    group by fund_code, scheme_code, fund_scope, account_month, data_origin
),

offset_month as (
    select
        fund_code,
        data_origin,
        cast(date_trunc('month', paid_date) as date) as account_month,
        sum(offset_yuan) as offset_yuan,
        max(known_on) as known_on
    from clearing
    group by fund_code, data_origin, date_trunc('month', paid_date)
),

moved as (
    select
        balance.*,
        coalesce(offset_month.offset_yuan, 0) as offset_yuan,
        greatest(
            0,
            balance.prepaid_yuan
            - coalesce(lag(balance.prepaid_yuan) over fund_months, 0)
            + coalesce(offset_month.offset_yuan, 0)
        ) as added_yuan
    from balance
    left join offset_month
        on
            balance.fund_code = offset_month.fund_code
            and balance.account_month = offset_month.account_month
            and balance.data_origin = offset_month.data_origin
    window fund_months as (
        partition by balance.fund_code, balance.data_origin order by balance.account_month
    )
),

aged as (
    select
        *,
        least(
            prepaid_yuan,
            sum(added_yuan) over (
                partition by fund_code, data_origin order by account_month
                range between interval 11 month preceding and current row
            )
        ) as within_year_yuan,
        least(
            prepaid_yuan,
            sum(added_yuan) over (
                partition by fund_code, data_origin order by account_month
                range between interval 23 month preceding and current row
            )
        ) as within_two_years_yuan
    from moved
),

final as (
    select
        fund_code,
        last_day(account_month) as month_end,
        data_origin,
        scheme_code,
        fund_scope,
        cast(prepaid_yuan as decimal(24, 2)) as prepaid_yuan,
        cast(added_yuan as decimal(24, 2)) as added_yuan,
        cast(offset_yuan as decimal(24, 2)) as offset_yuan,
        cast(within_year_yuan as decimal(24, 2)) as up_to_12_months_yuan,
        cast(within_two_years_yuan - within_year_yuan as decimal(24, 2)) as to_24_months_yuan,
        cast(prepaid_yuan - within_two_years_yuan as decimal(24, 2)) as over_24_months_yuan,
        known_on
    from aged
)

select * from final
