{#- Growth over an earlier value (E01: NULL where that is 0 or missing). -#}
{% macro growth(present, past) -%}
    {{ ratio(present ~ ' - ' ~ past, past) }}
{%- endmacro %}
