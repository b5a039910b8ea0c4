{#- A column that is described and does not exist is an error, so no columns are asked for first. -#}
{% macro duckdb__alter_column_comment(relation, column_dict) %}
    {%- for name, column in column_dict.items() %}
        comment on column {{ relation }}.{{ name }} is {{ duckdb_escape_comment(column["description"]) }};
    {%- endfor %}
{% endmacro %}
