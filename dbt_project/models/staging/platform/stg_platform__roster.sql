-- One row per person, group and month of the roster of assisted persons, as last delivered.
with newest as (
    {{ newest_rows('assisted_roster', ['certno', 'grp', 'ym']) }}
),

person_key as (
    select * from {{ source('raw', 'person_key') }}
),

region as (
    select * from {{ ref('stg_reference__region') }}
),

placed as (
    select
        coalesce(person_key.psn_key, md5(newest.certno)) as psn_key,
        region.unit_code as region_code,
        newest.household_id,
        newest.grp as assisted_group_name,
        {{ first_of_month('newest.ym') }} as roster_month,
        newest.known_on,
        newest.data_origin,
        newest._batch_id,
        newest._row
    from newest
    left join person_key
        on newest.certno = person_key.id_value and person_key.id_kind = 'certno'
    left join region on newest.admdvs = region.region_code and region.is_in_province
),

final as (
    select * from placed
    -- a person listed with two documents is one person
    qualify row_number() over (
        partition by psn_key, assisted_group_name, roster_month
        order by known_on desc, _batch_id desc, _row desc
    ) = 1
)

select * from final
