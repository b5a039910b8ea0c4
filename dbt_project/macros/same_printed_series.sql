{#- Whether two printed cells are of one layout, region, scheme and scope: statements in a row. -#}
{% macro same_printed_series(present, past) -%}
    {{ present }}.template = {{ past }}.template
    and {{ present }}.region_code = {{ past }}.region_code
    and {{ present }}.scheme_code = {{ past }}.scheme_code
    and {{ present }}.fund_scope = {{ past }}.fund_scope
{%- endmacro %}
