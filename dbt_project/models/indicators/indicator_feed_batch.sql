-- One row per feed, month and batch: whose rows of the month a value may rest on.
with touched as (
    select * from {{ source('raw', 'touched_month') }}
),

batch as (
    select * from {{ ref('stg_published__batch') }}
    where data_origin <> 'published'
),

final as (
    select
        batch.feed,
        coalesce(touched.month, date '1900-01-01') as month_start,
        batch.batch_id,
        batch.data_origin,
        batch.known_on,
        coalesce(touched.rows_touched, batch.rows_accepted) as rows_touched
    from batch
    left join touched on batch.batch_id = touched.batch_id
)

select * from final
