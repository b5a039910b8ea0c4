-- One row per feed and rule of its contract.
with feed_rule as (
    select * from {{ source('raw', 'feed_rule') }}
),

final as (
    select
        feed,
        rule,
        kind,
        severity,
        rule_zh as text_zh,
        rule_en as text_en
    from feed_rule
)

select * from final
