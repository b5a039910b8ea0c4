-- One row per person number in its newest version; nothing that names anyone.
with newest as (
    {{ newest_rows('person', ['psn_no'], 'updt_time') }}
),

person_key as (
    select * from {{ ref('stg_platform__person_key') }}
),

final as (
    select
        newest.psn_no,
        coalesce(person_key.psn_key, newest.psn_no) as psn_key,
        newest.gend as sex_code,
        newest.brdy as birth_date,
        newest.surv_stas as survival_code,
        newest.known_on,
        newest.data_origin
    from newest
    left join person_key on newest.psn_no = person_key.psn_no
)

select * from final
