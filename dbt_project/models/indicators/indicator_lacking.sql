-- One row per metric and variant that the feeds cannot give: what it lacks.
with lacking as (
    select * from {{ ref('lacking') }}
),

registry as (
    select * from {{ ref('registry') }}
),

final as (
    select
        lacking.metric_key,
        lacking.variant,
        registry.block,
        registry.name_zh,
        registry.name_en,
        lacking.lacking_feed,
        lacking.lacking_kind,
        lacking.reason_zh,
        lacking.reason_en
    from lacking
    inner join registry on lacking.metric_key = registry.metric_key
)

select * from final
