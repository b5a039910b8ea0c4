-- One row per feed and column of its contract.
with feed_column as (
    select * from {{ source('raw', 'feed_column') }}
),

final as (
    select
        feed,
        column_name,
        position,
        data_type,
        length,
        is_key,
        is_required,
        code_set,
        codes,
        unit,
        sensitivity,
        headers,
        column_zh as name_zh,
        column_en as name_en
    from feed_column
)

select * from final
