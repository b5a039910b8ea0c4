-- One row per valid enrolment period in the province, in its newest version.
with newest as (
    {{ newest_rows('enrolment', ['psn_insu_rlts_id'], 'updt_time') }}
),

region as (
    select * from {{ ref('stg_reference__region') }}
),

final as (
    select
        newest.psn_insu_rlts_id as enrolment_id,
        newest.psn_no,
        case newest.insutype
            when '310' then 'employee'
            when '390' then 'resident'
            else 'other'
        end as scheme_code,
        newest.insutype as insurance_type_code,
        region.unit_code as region_code,
        newest.psn_type as person_type_code,
        coalesce(newest.insutype_retr_flag, '0') <> '0' as is_retired,
        coalesce(newest.flxempe_flag, '0') = '1' as is_flexible,
        newest.psn_insu_date as begin_date,
        -- covered on the day of suspension, as the rule person_enrolled has it; a state without
        -- that day ends when it is known
        coalesce(
            {{ day_after('newest.paus_insu_date') }},
            case
                when
                    newest.psn_insu_stas = '4'
                    or (newest.psn_insu_stas = '2' and newest.insutype = '310')
                    then cast({{ changed_at('updt_time', 'newest', 'newest') }} as date)
            end,
            date '9999-12-31'
        ) as before_date,
        newest.known_on,
        newest.data_origin,
        newest._batch_id,
        newest._row
    from newest
    inner join region on newest.insu_admdvs = region.region_code and region.is_in_province
    where coalesce(newest.psn_insu_stas, '1') not in ('0', '3')
)

select * from final
