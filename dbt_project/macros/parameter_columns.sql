{#- Parameters of a year, one column each: from the CTE `parameter` (rows of int_calendar__parameters). -#}
{% macro parameter_columns(keys) -%}
    {%- for key in keys %}
    max(case when parameter_key = '{{ key }}' then value end) as {{ key }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}
