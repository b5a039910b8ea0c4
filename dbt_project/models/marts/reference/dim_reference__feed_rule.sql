-- One row per feed and rule of its contract.
with final as (
    select
        feed,
        rule,
        kind,
        severity,
        text_zh,
        text_en
    from {{ ref('stg_platform__feed_rule') }}
)

select * from final
