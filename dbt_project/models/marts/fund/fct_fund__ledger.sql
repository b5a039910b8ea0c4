-- One row per region, fund, subject and month of the ledger: the month and since January.
with entry as (
    select * from {{ ref('int_fund__entries') }}
),

final as (
    select
        region_code,
        fund_code,
        subject_code,
        last_day(account_month) as month_end,
        data_origin,
        scheme_code,
        fund_scope,
        subject_kind,
        report_status,
        cast(amount_yuan as decimal(24, 2)) as amount_yuan,
        cast(
            sum(amount_yuan) over (
                partition by
                    region_code,
                    fund_code,
                    subject_code,
                    data_origin,
                    date_trunc('year', account_month)
                order by account_month
                rows between unbounded preceding and current row
            ) as decimal(24, 2)
        ) as ytd_yuan,
        cast(ytd_amount_yuan as decimal(24, 2)) as printed_ytd_yuan,
        known_on,
        _batch_id as batch_id,
        _row as record_number,
        'open' as disclosure
    from entry
    where subject_kind in ('income', 'expenditure')
)

select * from final
