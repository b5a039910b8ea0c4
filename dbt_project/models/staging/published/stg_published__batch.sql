-- One row per accepted batch that was delivered by the build's known_on.
with batch as (
    select * from {{ source('raw', 'batch') }}
),

build_parameter as (
    select * from {{ source('raw', 'build_parameter') }}
),

final as (
    select
        batch.batch_id,
        batch.feed,
        batch.file_name,
        batch.sha256,
        batch.encoding,
        batch.size_bytes,
        batch.known_on,
        batch.rows_read,
        batch.rows_accepted,
        batch.rows_refused,
        batch.rows_duplicate,
        batch._ingested_at,
        batch.data_origin,
        build_parameter.data_to
    from batch
    inner join build_parameter on batch.known_on <= build_parameter.known_on
)

select * from final
