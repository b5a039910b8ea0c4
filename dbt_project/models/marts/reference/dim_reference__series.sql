-- One row per published series.
with final as (
    select
        series_code,
        name_zh,
        name_en,
        report_status,
        precedence,
        publisher_zh,
        note_zh,
        note_en
    from {{ ref('series') }}
)

select * from final
