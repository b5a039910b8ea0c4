-- One row per batch and rule that was reported of it, of batches delivered by the build's known_on.
with finding as (
    select * from {{ source('raw', 'finding') }}
),

batch as (
    select * from {{ ref('stg_published__batch') }}
),

final as (
    select
        finding.batch_id,
        finding.rule,
        batch.feed,
        batch.file_name,
        batch.known_on,
        finding.severity,
        finding.rows_found,
        nullif(array_to_string(finding.first_records, ', '), '') as first_records,
        finding.text_zh as message_zh,
        finding.text_en as message_en
    from finding
    inner join batch on finding.batch_id = batch.batch_id
)

select * from final
