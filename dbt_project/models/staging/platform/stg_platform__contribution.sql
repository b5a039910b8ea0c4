-- One row per contribution or reversal of one in the province, in its newest version.
with newest as (
    {{ newest_rows('contribution', ['clct_detl_id'], 'updt_time') }}
),

person_key as (
    select * from {{ ref('stg_platform__person_key') }}
),

region as (
    select * from {{ ref('stg_reference__region') }}
),

final as (
    select
        newest.clct_detl_id as contribution_id,
        newest.init_clct_detl_id as reversed_contribution_id,
        newest.psn_no,
        coalesce(person_key.psn_key, newest.psn_no) as psn_key,
        case newest.insutype
            when '310' then 'employee'
            when '390' then 'resident'
            else 'other'
        end as scheme_code,
        region.unit_code as region_code,
        newest.accrym_begn as first_month_code,
        coalesce(newest.accrym_end, newest.accrym_begn) as last_month_code,
        coalesce(newest.arvl_date, cast(newest.clct_time as date)) as arrival_date,
        coalesce(newest.clct_type, '10') as contribution_type_code,
        coalesce(newest.clct_flag, '0') = '1' as is_paid,
        newest.psn_idet_type is not null as is_entitled,
        coalesce(newest.revs_flag, 'Z') <> 'Z' as is_reversal_flagged,
        newest.clct_sumamt as amount_yuan,
        coalesce(newest.psn_clct_amt, 0) as person_part_yuan,
        coalesce(newest.finsubs_amt, 0) as subsidy_yuan,
        newest.known_on,
        newest.data_origin,
        newest._batch_id,
        newest._row
    from newest
    left join region on newest.insu_admdvs = region.region_code and region.is_in_province
    left join person_key on newest.psn_no = person_key.psn_no
    where region.unit_code is not null or newest.init_clct_detl_id is not null
)

select * from final
