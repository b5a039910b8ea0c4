{#- A model's schema is the one it names: SQL users read fund.balance, not main_fund.balance. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
