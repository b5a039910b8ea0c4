-- One row per public table: which scopes hold it, and why.
with final as (
    select
        table_name,
        in_province,
        county_rows,
        coalesce(region_column, '') as region_column,
        reason_zh,
        reason_en
    from {{ ref('scope_table') }}
)

select * from final
