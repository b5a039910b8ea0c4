{#- A quantile of the chi-square distribution by Wilson and Hilferty; z is that of the normal distribution. -#}
{% macro chi_square_quantile(degrees, z) -%}
    {{ degrees }} * power(1 - 2 / (9 * {{ degrees }}) + {{ z }} * sqrt(2 / (9 * {{ degrees }})), 3)
{%- endmacro %}
