-- One row per batch of a feed and rule that was reported of it, the newest delivery first.
select
    known_on,
    file_name,
    batch_id,
    rule,
    severity,
    rows_found,
    first_records,
    message_zh,
    message_en
from quality.feed_finding
where feed = $feed
order by
    known_on desc,
    file_name,
    batch_id,
    list_position(['blank', 'warn', 'repaired', 'not_checked'], severity),
    rule
limit $row_limit
