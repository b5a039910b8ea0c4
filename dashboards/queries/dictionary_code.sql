-- One row per code of the code sets of a feed, of one set or of all.
with feed_code as (
    select * from reference.feed_code
),

used as (
    select distinct code_set
    from reference.feed_column
    where feed = $feed
),

final as (
    select
        feed_code.code_set,
        feed_code.code,
        feed_code.name_zh,
        feed_code.name_en,
        feed_code.valid_from,
        feed_code.valid_to,
        feed_code.maps_to,
        feed_code.note
    from feed_code
    inner join used on feed_code.code_set = used.code_set
    where $code_set = 'all' or feed_code.code_set = $code_set
    order by feed_code.code_set, length(feed_code.code), feed_code.code
)

select * from final
