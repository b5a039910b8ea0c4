-- One row per variant of a metric that occurs or is planned.
with final as (
    select
        metric_key,
        variant,
        name_zh,
        name_en,
        definition_zh,
        definition_en,
        is_headline,
        is_confirmed
    from {{ ref('variant') }}
)

select * from final
