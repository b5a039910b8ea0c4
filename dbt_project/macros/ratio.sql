{#- The only division of the project: NULL where the denominator is 0 or missing (E01), ten decimals. -#}
{% macro ratio(numerator, denominator) -%}
    cast(
        cast({{ numerator }} as decimal(38, 10)) / nullif(cast({{ denominator }} as decimal(38, 10)), 0)
        as decimal(20, 10)
    )
{%- endmacro %}
