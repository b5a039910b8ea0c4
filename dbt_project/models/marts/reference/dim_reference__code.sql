-- One row per code of a code set.
with final as (
    select
        code_set,
        code,
        position,
        name_zh,
        name_en,
        note_zh,
        note_en
    from {{ ref('code') }}
)

select * from final
