-- One row per code set of the feeds and code, with its validity.
with final as (
    select
        code_set,
        code,
        name_zh,
        name_en,
        valid_from,
        valid_to,
        maps_to,
        note
    from {{ ref('feed_code') }}
)

select * from final
