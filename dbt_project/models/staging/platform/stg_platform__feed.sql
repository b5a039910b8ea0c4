-- One row per feed: its contract as the software of this build declares it.
with feed_contract as (
    select * from {{ source('raw', 'feed_contract') }}
),

final as (
    select
        feed,
        nullif(number, '') as feed_number,
        cadence,
        feed_zh as name_zh,
        feed_en as name_en
    from feed_contract
)

select * from final
