-- One row per person number: the key of the person in the newest version.
with person_key as (
    select * from {{ source('raw', 'person_key') }}
    where id_kind = 'psn_no'
),

batch as (
    select * from {{ ref('stg_published__batch') }}
),

superseded as (
    {{ superseded_rows('person', ['psn_no'], 'updt_time') }}
),

final as (
    select
        person_key.id_value as psn_no,
        person_key.psn_key,
        batch.known_on,
        batch.data_origin
    from person_key
    inner join batch on person_key._batch_id = batch.batch_id
    left join superseded
        on person_key._batch_id = superseded._batch_id and person_key._row = superseded._row
    where superseded._row is null
)

select * from final
