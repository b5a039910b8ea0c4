-- One row per column of one table, in its order.
select
    column_name,
    data_type,
    is_nullable,
    split_part(comment, ' / ', 1) as text_zh,
    split_part(comment, ' / ', 2) as text_en
from duckdb_columns()
where schema_name || '.' || table_name = $table
order by column_index
