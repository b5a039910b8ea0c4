-- One row per feed: what it is, what came of it, and how much the dictionary says about it.
with feed as (
    select * from reference.feed
),

column_counts as (
    select
        feed,
        count(*) as column_cnt
    from reference.feed_column
    group by feed
),

rule_counts as (
    select
        feed,
        count(*) as rule_cnt
    from reference.feed_rule
    group by feed
),

finding_counts as (
    select
        feed,
        count(*) as finding_cnt
    from quality.feed_finding
    group by feed
),

final as (
    select
        feed.feed,
        feed.feed_number,
        feed.name_zh,
        feed.name_en,
        feed.cadence,
        feed.batch_cnt,
        feed.rows_read,
        feed.rows_accepted,
        feed.rows_refused,
        feed.rows_duplicate,
        feed.newest_delivery_date,
        coalesce(column_counts.column_cnt, 0) as column_cnt,
        coalesce(rule_counts.rule_cnt, 0) as rule_cnt,
        coalesce(finding_counts.finding_cnt, 0) as finding_cnt
    from feed
    left join column_counts on feed.feed = column_counts.feed
    left join rule_counts on feed.feed = rule_counts.feed
    left join finding_counts on feed.feed = finding_counts.feed
    order by feed.feed_number nulls last, feed.feed
)

select * from final
