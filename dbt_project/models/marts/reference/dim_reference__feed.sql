-- One row per feed: its contract, and what was accepted of it by the build's known_on.
with feed as (
    select * from {{ ref('stg_platform__feed') }}
),

batch as (
    select * from {{ ref('stg_published__batch') }}
),

delivered as (
    select
        feed,
        cast(count(*) as bigint) as batch_cnt,
        cast(sum(rows_read) as bigint) as rows_read,
        cast(sum(rows_accepted) as bigint) as rows_accepted,
        cast(sum(rows_refused) as bigint) as rows_refused,
        cast(sum(rows_duplicate) as bigint) as rows_duplicate,
        max(known_on) as newest_delivery_date
    from batch
    group by feed
),

final as (
    select
        feed.feed,
        feed.feed_number,
        feed.name_zh,
        feed.name_en,
        feed.cadence,
        coalesce(delivered.batch_cnt, 0) as batch_cnt,
        coalesce(delivered.rows_read, 0) as rows_read,
        coalesce(delivered.rows_accepted, 0) as rows_accepted,
        coalesce(delivered.rows_refused, 0) as rows_refused,
        coalesce(delivered.rows_duplicate, 0) as rows_duplicate,
        delivered.newest_delivery_date
    from feed
    left join delivered on feed.feed = delivered.feed
)

select * from final
