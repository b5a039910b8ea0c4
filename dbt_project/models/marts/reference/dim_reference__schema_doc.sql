-- One row per schema of a release.
with final as (
    select
        schema_name,
        text_zh,
        text_en
    from {{ ref('schema_doc') }}
)

select * from final
