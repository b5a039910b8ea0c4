-- One row per settlement of a person insured or treated here, newest version; a refund is a row.
with newest as (
    {{ newest_rows('settlement', ['setl_id'], 'updt_time') }}
),

region as (
    select * from {{ ref('stg_reference__region') }}
),

placed as (
    select
        newest.*,
        home.unit_code as home_unit_code,
        coalesce(place.unit_code, newest.fix_blng_admdvs) as place_unit_code
    from newest
    left join region as home on newest.insu_admdvs = home.region_code and home.is_in_province
    left join region as place on newest.fix_blng_admdvs = place.region_code
    where
        home.unit_code is not null
        or newest.out_flag = '2'
        or (newest.refd_setl_flag = '1' and newest.init_setl_id is not null)
),

final as (
    select
        setl_id as settlement_id,
        -- a row that names another without the flag of refunds is a settlement of its own
        case when refd_setl_flag = '1' then init_setl_id end as refunded_settlement_id,
        mdtrt_id as visit_id,
        psn_no,
        case insutype when '310' then 'employee' when '390' then 'resident' else 'other' end
            as scheme_code,
        insutype as insurance_type_code,
        coalesce(home_unit_code, insu_admdvs) as region_code,
        place_unit_code as treatment_region_code,
        fixmedins_code as institution_code,
        hosp_lv as hospital_grade_code,
        med_type as service_type_code,
        setl_type as settlement_type_code,
        pay_loc as payment_place_code,
        dise_no as disease_code,
        clr_way as payment_method_code,
        out_flag as remote_side_code,
        gend as sex_code,
        brdy as birth_date,
        begndate as begin_date,
        enddate as end_date,
        setl_time as settled_at,
        cast(date_trunc('month', setl_time) as date) as settlement_month,
        coalesce(try_cast(year as integer), year(setl_time)) as benefit_year,
        refd_setl_flag = '1' as is_refund_flagged,
        mid_setl_flag as interim_code,
        cal_ipt_cnt as stay_code,
        coalesce(vali_flag, '1') = '1' as is_valid,
        medfee_sumamt as fee_yuan,
        coalesce(fulamt_ownpay_amt, 0) as own_expense_yuan,
        coalesce(overlmt_selfpay, 0) as over_limit_yuan,
        coalesce(preselfpay_amt, 0) as prior_selfpay_yuan,
        coalesce(inscp_amt, 0) as policy_scope_yuan,
        act_pay_dedc as deductible_yuan,
        coalesce(hifp_pay, 0) as pool_yuan,
        coalesce(cvlserv_pay, 0) as civil_servant_yuan,
        coalesce(hifes_pay, 0) as employer_supplement_yuan,
        coalesce(hifmi_pay, 0) as serious_illness_yuan,
        coalesce(hifob_pay, 0) as large_sum_yuan,
        coalesce(hifdm_pay, 0) as disabled_servicemen_yuan,
        coalesce(maf_pay, 0) as assistance_yuan,
        coalesce(othfund_pay, 0) as other_fund_yuan,
        coalesce(fund_pay_sumamt, 0) as fund_yuan,
        coalesce(psn_pay, 0) as person_yuan,
        coalesce(acct_pay, 0) as account_yuan,
        coalesce(cash_payamt, 0) as cash_yuan,
        coalesce(acct_mulaid_pay, 0) as family_account_yuan,
        coalesce(ownpay_hosp_part, 0) as hospital_part_yuan,
        known_on,
        data_origin,
        _batch_id,
        _row
    from placed
)

select * from final
