{#- The only division of the project: ten decimals; NULL where the denominator is 0 or missing (E01) or
    the quotient has no sense as a ratio (ten digits and more before the point). -#}
{% macro ratio(numerator, denominator) -%}
    try_cast(
        cast({{ numerator }} as decimal(38, 10)) / nullif(cast({{ denominator }} as decimal(38, 10)), 0)
        as decimal(20, 10)
    )
{%- endmacro %}
