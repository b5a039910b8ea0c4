-- One row per clearing application and fund, as last delivered.
with newest as (
    {{ newest_rows('clearing', ['clr_appy_evt_id', 'fund_code']) }}
),

final as (
    select
        clr_appy_evt_id as application_id,
        fund_code,
        fixmedins_code as institution_code,
        cast(strptime(clr_ym || '01', '%Y%m%d') as date) as clearing_month,
        case insutype when '310' then 'employee' when '390' then 'resident' else 'other' end
            as scheme_code,
        clr_type as clearing_type_code,
        clr_way as payment_method_code,
        coalesce(setl_cnt, 0) as settlements,
        coalesce(appy_fund, 0) as applied_yuan,
        coalesce(audit_deduct, 0) + coalesce(chk_deduct, 0) as deducted_yuan,
        coalesce(reserve, 0) as reserved_yuan,
        coalesce(prepay_offset, 0) as offset_yuan,
        coalesce(surplus_retain, 0) as retained_yuan,
        coalesce(actual_pay, 0) as paid_yuan,
        pay_date as paid_date,
        coalesce(clr_stas, '60') as clearing_status_code,
        known_on,
        data_origin,
        _batch_id,
        _row
    from newest
)

select * from final
