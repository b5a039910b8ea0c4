-- One row per enrolment whose versions say when the person retired: the first day known as retired.
with repeated as (
    select key_text from {{ source('raw', 'repeated_key') }}
    where feed = 'enrolment'
),

version as (
    select
        record.psn_insu_rlts_id as enrolment_id,
        coalesce(record.insutype_retr_flag, '0') <> '0' as is_retired,
        {{ changed_at('updt_time') }} as changed_at
    from {{ source('raw', 'enrolment') }} as record
    inner join {{ ref('stg_published__batch') }} as batch on record._batch_id = batch.batch_id
    where record.psn_insu_rlts_id in (select repeated.key_text from repeated)
),

final as (
    select
        enrolment_id,
        cast(min(case when is_retired then changed_at end) as date) as retired_date
    from version
    group by enrolment_id
    having
        min(case when not is_retired then changed_at end)
        < min(case when is_retired then changed_at end)
)

select * from final
