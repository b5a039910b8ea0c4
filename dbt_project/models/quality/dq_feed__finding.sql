-- One row per batch and rule that was reported of it when it was loaded.
with final as (
    select
        batch_id,
        rule,
        feed,
        file_name,
        known_on,
        severity,
        rows_found,
        first_records,
        message_zh,
        message_en
    from {{ ref('stg_platform__finding') }}
)

select * from final
