-- One row per enrolment that moved and stretch of days in one reporting unit, from its versions.
with repeated as (
    select key_text from {{ source('raw', 'repeated_key') }}
    where feed = 'enrolment'
),

region as (
    select * from {{ ref('stg_reference__region') }}
),

version as (
    select
        record.psn_insu_rlts_id as enrolment_id,
        region.unit_code as region_code,
        cast({{ changed_at('updt_time') }} as date) as changed_date,
        row_number() over (
            partition by record.psn_insu_rlts_id
            order by {{ oldest_first('updt_time') }}
        ) as age_rank
    from {{ source('raw', 'enrolment') }} as record
    inner join {{ ref('stg_published__batch') }} as batch on record._batch_id = batch.batch_id
    inner join region on record.insu_admdvs = region.region_code and region.is_in_province
    where
        record.psn_insu_rlts_id in (select repeated.key_text from repeated)
        and coalesce(record.psn_insu_stas, '1') not in ('0', '3')
),

compared as (
    select
        *,
        lag(region_code) over (partition by enrolment_id order by age_rank) as region_before
    from version
),

-- a relation bears no day of its move: it is the day of the version that first says so
move as (
    select
        enrolment_id,
        region_code,
        age_rank,
        case when region_before is null then date '1900-01-01' else changed_date end as from_date
    from compared
    where region_before is null or region_before <> region_code
),

final as (
    select
        enrolment_id,
        region_code,
        from_date,
        lead(from_date, 1, date '9999-12-31') over (
            partition by enrolment_id order by age_rank
        ) as before_date
    from move
    qualify count(*) over (partition by enrolment_id) > 1
)

select * from final
where from_date < before_date
