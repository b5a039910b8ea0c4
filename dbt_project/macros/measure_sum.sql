{#- A measure of benefit_measures(): what is summed, over which cells, and what the others give (0 or NULL). -#}
{% macro measure_sum(parts) -%}
    sum(case when {{ parts[1] }} then {{ parts[0] }} else {{ parts[2] or 0 }} end)
{%- endmacro %}
