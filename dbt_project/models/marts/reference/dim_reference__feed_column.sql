-- One row per feed and column of its contract.
with final as (
    select
        feed,
        column_name,
        position,
        name_zh,
        name_en,
        data_type,
        length,
        is_key,
        is_required,
        code_set,
        codes,
        unit,
        sensitivity,
        headers
    from {{ ref('stg_platform__feed_column') }}
)

select * from final
