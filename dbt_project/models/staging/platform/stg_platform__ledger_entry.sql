-- One row per region, fund, subject, month and kind of report of the ledger, as last delivered.
with newest as (
    {{
        newest_rows(
            'fund_ledger', ['admdvs', 'fund_code', 'subject_code', 'ym', 'ledger_version']
        )
    }}
),

final as (
    select
        admdvs as region_code,
        fund_code,
        subject_code,
        {{ first_of_month('ym') }} as account_month,
        case ledger_version when '决算' then 'final' else 'preliminary' end as report_status,
        case ledger_version when '决算' then 1 when '月报' then 2 else 3 end as version_rank,
        amount_yuan,
        ytd_amount_yuan,
        opening as opening_yuan,
        coalesce(adjust, 0) as adjustment_yuan,
        adjust_note as adjustment_reason,
        closing as closing_yuan,
        known_on,
        data_origin,
        _batch_id,
        _row
    from newest
)

select * from final
