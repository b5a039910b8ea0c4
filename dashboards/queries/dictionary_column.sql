-- One row per column of a feed, in the order of its contract.
select
    column_name,
    name_zh,
    name_en,
    data_type,
    length,
    is_key,
    is_required,
    code_set,
    codes,
    unit,
    sensitivity,
    headers
from reference.feed_column
where feed = $feed
order by position
