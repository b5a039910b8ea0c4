-- One row per task, special column or item of the plan, with the indicators that follow it.
with item as (
    select * from plan.item
),

registry as (
    select * from indicator.registry
),

followed as (
    select
        item.item_id,
        unnest(string_split(item.metric_keys, ';')) as metric_key
    from item
    where item.metric_keys is not null
),

named as (
    select
        followed.item_id,
        string_agg(registry.name_zh, '；' order by followed.metric_key) as indicators_zh,
        string_agg(registry.name_en, '; ' order by followed.metric_key) as indicators_en
    from followed
    inner join registry on trim(followed.metric_key) = registry.metric_key
    group by followed.item_id
),

final as (
    select
        item.item_id,
        item.level,
        item.parent_id,
        item.name_zh,
        item.name_en,
        item.kind,
        item.due_date,
        named.indicators_zh,
        named.indicators_en
    from item
    left join named on item.item_id = named.item_id
    order by item.item_id
)

select * from final
