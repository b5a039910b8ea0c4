-- One row per code set that columns of a feed use, in the order of the columns.
with feed_column as (
    select * from reference.feed_column
),

code_counts as (
    select
        code_set,
        count(*) as code_cnt
    from reference.feed_code
    group by code_set
),

final as (
    select
        feed_column.code_set,
        string_agg(feed_column.name_zh, '、' order by feed_column.position) as columns_zh,
        string_agg(feed_column.name_en, ', ' order by feed_column.position) as columns_en,
        max(code_counts.code_cnt) as code_cnt
    from feed_column
    inner join code_counts on feed_column.code_set = code_counts.code_set
    where feed_column.feed = $feed
    group by feed_column.code_set
    order by min(feed_column.position)
)

select * from final
