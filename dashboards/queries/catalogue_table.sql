-- One row per table of the release that the search words occur in, with its schema's text.
with tables as (
    select * from duckdb_tables()
),

columns as (
    select * from duckdb_columns()
),

matched as (
    select distinct
        schema_name,
        table_name
    from columns
    where
        contains(lower(column_name), lower($needle))
        or contains(lower(coalesce(comment, '')), lower($needle))
),

final as (
    select
        tables.schema_name,
        schema_doc.text_zh as schema_text_zh,
        schema_doc.text_en as schema_text_en,
        tables.table_name,
        tables.schema_name || '.' || tables.table_name as full_name,
        split_part(tables.comment, ' / ', 1) as text_zh,
        split_part(tables.comment, ' / ', 2) as text_en,
        tables.estimated_size as row_cnt,
        tables.column_count as column_cnt
    from tables
    left join reference.schema_doc on tables.schema_name = schema_doc.schema_name
    left join matched
        on tables.schema_name = matched.schema_name and tables.table_name = matched.table_name
    where
        matched.table_name is not null
        or contains(lower(tables.schema_name || '.' || tables.table_name), lower($needle))
        or contains(lower(coalesce(tables.comment, '')), lower($needle))
        or contains(coalesce(schema_doc.text_zh, ''), $needle)
    order by tables.schema_name, tables.table_name
)

select * from final
