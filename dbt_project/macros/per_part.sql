{#- A measure over a period as its formula takes it: the last month, or the sum (a mean is divided later). -#}
{% macro per_part(measure, span) -%}
    case {{ span }} when 'closing' then {{ measure }}.closing else {{ measure }}.total end
{%- endmacro %}
