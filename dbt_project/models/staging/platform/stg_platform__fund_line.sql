-- One row per settlement, kind of fund payment and line, as last delivered.
with newest as (
    {{ newest_rows('settlement_fund_line', ['setl_id', 'fund_pay_type', 'seq']) }}
),

final as (
    select
        setl_id as settlement_id,
        fund_pay_type as fund_payment_code,
        seq as line_number,
        coalesce(fund_payamt, 0) as paid_yuan,
        known_on,
        data_origin,
        _batch_id,
        _row
    from newest
)

select * from final
