{#- Whether a count is so small that it could give a person away; nobody at all is no secret,
    and one visit taken back is one as well. -#}
{% macro is_small_cell(number, least_count) -%}
    coalesce({{ number }} <> 0 and abs({{ number }}) < {{ least_count }}, false)
{%- endmacro %}
