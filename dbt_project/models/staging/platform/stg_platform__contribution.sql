-- One row per contribution in its newest version.
with newest as (
    {{ newest_rows('contribution', ['clct_detl_id'], 'updt_time') }}
),

final as (
    select
        clct_detl_id as contribution_id,
        psn_no,
        case insutype when '310' then 'employee' when '390' then 'resident' else 'other' end
            as scheme_code,
        insu_admdvs as region_code,
        accrym_begn as first_month_code,
        coalesce(accrym_end, accrym_begn) as last_month_code,
        coalesce(arvl_date, cast(clct_time as date)) as arrival_date,
        coalesce(clct_type, '10') as contribution_type_code,
        clct_flag = '1' and coalesce(revs_flag, 'Z') = 'Z' as is_paid,
        clct_sumamt as amount_yuan,
        coalesce(finsubs_amt, 0) as subsidy_yuan,
        known_on,
        data_origin,
        _batch_id,
        _row
    from newest
)

select * from final
