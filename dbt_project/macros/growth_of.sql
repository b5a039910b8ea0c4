{#- How many times a past amount the present one is, in floating point: for logarithms only. -#}
{% macro growth_of(present, past) -%}
    cast({{ present }} as double) / cast({{ past }} as double)
{%- endmacro %}
