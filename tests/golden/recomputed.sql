-- The indicators of a generated province computed again, plainly, from the delivered rows alone (raw.*).
-- It shares no model, macro or seed with the warehouse: what counts is read from the registry's words.

create temp table newest_settlement as
select * from raw.settlement
qualify row_number() over (partition by setl_id order by updt_time desc nulls last) = 1;

create temp table newest_list as
select * from raw."grouping"
qualify row_number() over (partition by setl_id order by grp_ver desc) = 1;

-- E02 (b): whatever is flagged as refunded or invalid is gone; the place of treatment's rows are others' (E18)
create temp table settled as
select
    settlement.*,
    date_trunc('month', settlement.setl_time)::date as month,
    case settlement.insutype when '310' then 'employee' when '390' then 'resident' end as scheme,
    settlement.med_type in ('21', '22', '23', '24', '26', '28', '52', '2105', '5302') as is_ip,
    settlement.med_type in ('11', '12', '13', '15', '19') as is_op,
    settlement.med_type = '14' as is_opsp,
    settlement.med_type = '41' as is_pharmacy,
    settlement.med_type in ('51', '52', '53', '5302') as is_maternity,
    coalesce(list.is_actual_pay = '1' and list.grp_type in ('DRG', 'DIP', '单病种'), false) as is_by_case,
    settlement.clr_way in ('1', '10') as is_by_item,
    substr(settlement.fix_blng_admdvs, 1, 2) <> '46' as is_outside,
    settlement.fix_blng_admdvs = settlement.insu_admdvs as is_county,
    greatest(date_diff('day', settlement.begndate, settlement.enddate), 1) as days,
    coalesce(roster.is_listed, false) as is_listed,
    coalesce(roster.is_key, false) as is_key,
    coalesce(roster.is_lifted, false) as is_lifted,
    coalesce(institution.is_primary = '1', false) as is_primary,
    coalesce(settlement.year, strftime(settlement.setl_time, '%Y'))::integer as benefit_year,
    person.certno as person_certno
from newest_settlement as settlement
left join newest_list as list using (setl_id)
left join (
    select psn_no, max(certno) as certno from raw.person group by psn_no
) as person on settlement.psn_no = person.psn_no
left join (
    select
        certno, ym, true as is_listed,
        bool_or(grp in ('特困', '孤儿', '事实无人抚养儿童', '低保', '返贫致贫')) as is_key,
        bool_or(grp in ('脱贫人口', '脱贫不稳定')) as is_lifted
    from raw.assisted_roster group by certno, ym
) as roster on person.certno = roster.certno and strftime(settlement.setl_time, '%Y%m') = roster.ym
left join (
    select
        fixmedins_code, is_primary, valid_from,
        lead(valid_from, 1, date '9999-12-31') over (partition by fixmedins_code order by valid_from) as valid_before
    from raw.institution
) as institution
    on settlement.fixmedins_code = institution.fixmedins_code
    and settlement.setl_time::date >= institution.valid_from
    and settlement.setl_time::date < institution.valid_before
where settlement.refd_setl_flag = '0' and coalesce(settlement.vali_flag, '1') = '1'
    and coalesce(settlement.out_flag, '0') <> '2' and settlement.insutype in ('310', '390');

create temp table money as
select
    month, insu_admdvs as region, scheme, is_ip, is_op, is_opsp, is_pharmacy, is_maternity, is_by_case, is_by_item,
    is_outside, is_county, days, is_listed, is_key, is_lifted, is_primary, med_type, clr_way,
    medfee_sumamt as fee, inscp_amt as scope, coalesce(fulamt_ownpay_amt, 0) + coalesce(overlmt_selfpay, 0) as own,
    act_pay_dedc as deductible, hifp_pay as pool, coalesce(cvlserv_pay, 0) as civil, coalesce(hifes_pay, 0) as employer,
    coalesce(hifmi_pay, 0) as serious, coalesce(hifob_pay, 0) as large, coalesce(maf_pay, 0) as assist,
    fund_pay_sumamt as fund, psn_pay as person, coalesce(acct_mulaid_pay, 0) as family,
    coalesce(ownpay_hosp_part, 0) as hospital,
    hifp_pay + case scheme when 'employee'
        then coalesce(hifob_pay, 0) + coalesce(cvlserv_pay, 0) + coalesce(hifes_pay, 0)
        else coalesce(hifmi_pay, 0) end as registered
from settled;

-- persons enrolled at month-end: one scheme each, the employees' first (E05)
create temp table month_end as
select last_day(unnest(generate_series(
    (select min(month) from settled), (select max(month) from settled), interval 1 month
))::date) as day;

create temp table enrolled as
select
    month_end.day, person.certno, relation.insu_admdvs as region,
    case relation.insutype when '310' then 'employee' else 'resident' end as scheme,
    case
        when retiring.retired_on is null then coalesce(relation.insutype_retr_flag, '0') <> '0'
        else month_end.day >= retiring.retired_on
    end as is_retired,
    coalesce(relation.flxempe_flag, '0') = '1' as is_flexible
from month_end
inner join (
    select * from raw.enrolment
    qualify row_number() over (partition by psn_insu_rlts_id order by updt_time desc nulls last) = 1
) as relation
    on relation.psn_insu_date <= month_end.day
    and coalesce(
        relation.paus_insu_date,
        case when relation.psn_insu_stas = '4' or relation.psn_insu_stas = '2' and relation.insutype = '310'
            then relation.updt_time::date end,
        date '9999-12-31'
    ) > month_end.day
inner join (select psn_no, max(certno) as certno from raw.person group by psn_no) as person
    on relation.psn_no = person.psn_no
-- who was delivered as working first is retired from the day of the version that says so
left join (
    select
        psn_insu_rlts_id,
        min(updt_time) filter (where coalesce(insutype_retr_flag, '0') <> '0')::date as retired_on
    from raw.enrolment
    group by psn_insu_rlts_id
    having min(updt_time) filter (where coalesce(insutype_retr_flag, '0') = '0')
        < min(updt_time) filter (where coalesce(insutype_retr_flag, '0') <> '0')
) as retiring using (psn_insu_rlts_id)
where relation.insutype in ('310', '390') and coalesce(relation.psn_insu_stas, '1') not in ('0', '3')
qualify row_number() over (
    partition by person.certno, month_end.day
    order by relation.insutype, relation.psn_insu_date desc, relation.psn_insu_rlts_id
) = 1;

-- the ledger: of each account and month the best report
create temp table entry as
select
    admdvs as region, fund_code, subject_code, last_day(strptime(ym || '01', '%Y%m%d')::date) as day,
    amount_yuan as amount, closing,
    case fund_code when 'resident' then 'resident' else 'employee' end as scheme,
    case fund_code when 'employee_account' then 'account' else 'pool' end as part,
    starts_with(subject_code, 'income_') as is_income, starts_with(subject_code, 'expenditure_') as is_expenditure
from (
    select *, case ledger_version when '决算' then 1 when '月报' then 2 else 3 end as rank from raw.fund_ledger
)
where fund_code in ('employee_pool', 'employee_account', 'resident')
    and last_day(strptime(ym || '01', '%Y%m%d')::date) <= (select max(day) from month_end)
qualify rank = min(rank) over (partition by admdvs, fund_code, ym);

create temp table span as
select 'month' as basis, date_trunc('month', day)::date as from_day, day as to_day from month_end
union all
select 'quarter', date_trunc('quarter', day)::date, day from month_end where month(day) % 3 = 0
union all
select 'ytd', date_trunc('year', day)::date, day from month_end where month(day) < 12
union all
select 'year', date_trunc('year', day)::date, day from month_end where month(day) = 12
union all
select 't12', (date_trunc('month', day) - interval 11 month)::date, day from month_end;

delete from span where from_day < (select date_trunc('month', min(day)) from month_end);
