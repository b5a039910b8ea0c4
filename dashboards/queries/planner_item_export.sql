-- One row per task, special column or item of the plan, as exported.
select
    item.item_id,
    item.level,
    item.parent_id,
    item.name_zh,
    item.name_en,
    item.trackable_zh as trackable,
    item.kind,
    item.due_date,
    item.metric_keys,
    release.release_id
from plan.item
cross join reference.release
order by item.item_id
