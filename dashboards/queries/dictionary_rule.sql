-- One row per rule of a feed: rules over one row first, then over several, then over the batch.
select
    rule,
    kind,
    severity,
    text_zh,
    text_en
from reference.feed_rule
where feed = $feed
order by
    list_position(['row', 'rows', 'batch'], kind),
    list_position(['reject', 'wait', 'set_aside', 'blank', 'warn'], severity),
    rule
