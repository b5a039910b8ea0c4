-- One row per measure that indicators of the feeds are made of.
with final as (
    select
        measure_key,
        feeds,
        coalesce(mart, '') as mart,
        kind,
        name_zh,
        name_en
    from {{ ref('measure') }}
)

select * from final
