-- One row per accepted delivery that this build has seen.
with final as (
    select
        batch_id,
        feed,
        file_name,
        sha256,
        encoding,
        size_bytes,
        known_on,
        rows_read,
        rows_accepted,
        rows_refused,
        rows_duplicate,
        _ingested_at
    from {{ ref('stg_published__batch') }}
)

select * from final
