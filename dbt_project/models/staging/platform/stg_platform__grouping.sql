-- One row per settlement list of a stay with its group, in the newest version of the grouper.
with newest as (
    {{ newest_rows('grouping', ['setl_id', 'grp_ver']) }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by setl_id order by grp_ver desc, known_on desc, _batch_id desc, _row desc
        ) as newness
    from newest
),

final as (
    select
        setl_id as settlement_id,
        grp_ver as grouper_version,
        fixmedins_code as institution_code,
        main_diag_code as diagnosis_code,
        dscg_way as discharge_way_code,
        grp_type as group_kind,
        grp_code as group_code,
        weight as group_weight,
        std_fee as standard_yuan,
        coalesce(item_fund_amt, 0) as item_fund_yuan,
        coalesce(pay_std_amt, 0) as payable_yuan,
        cast(date_trunc('month', dscg_time) as date) as discharge_month,
        is_actual_pay = '1' and grp_type in ('DRG', 'DIP', '单病种') as is_paid_by_group,
        is_actual_pay = '1' and grp_type = '床日' as is_paid_by_day,
        known_on,
        data_origin,
        _batch_id,
        _row
    from ranked
    where newness = 1
)

select * from final
