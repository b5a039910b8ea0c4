-- One row per enrolment period in its newest version, without invalid ones.
with newest as (
    {{ newest_rows('enrolment', ['psn_insu_rlts_id'], 'updt_time') }}
),

final as (
    select
        psn_insu_rlts_id as enrolment_id,
        psn_no,
        case insutype when '310' then 'employee' when '390' then 'resident' else 'other' end
            as scheme_code,
        insutype as insurance_type_code,
        insu_admdvs as region_code,
        psn_type as person_type_code,
        coalesce(insutype_retr_flag, '0') <> '0' as is_retired,
        coalesce(flxempe_flag, '0') = '1' as is_flexible,
        psn_insu_date as begin_date,
        coalesce(
            paus_insu_date,
            case
                when psn_insu_stas = '4' or (psn_insu_stas = '2' and insutype = '310')
                    then cast(updt_time as date)
            end,
            date '9999-12-31'
        ) as end_date,
        known_on,
        data_origin,
        _batch_id,
        _row
    from newest
    where coalesce(psn_insu_stas, '1') not in ('0', '3')
)

select * from final
