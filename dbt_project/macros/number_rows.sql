{#- Rows of one bigint column that counts from one number to another, both included. -#}
{% macro number_rows(name, first, last) -%}
    {%- for number in range(first, last + 1) %}
    select cast({{ number }} as bigint) as {{ name }}
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- Months from service to settlement after which none is expected (manual claims lag 3 to 12 months). -#}
{% macro last_development_lag() -%}
    {{ return(12) }}
{%- endmacro %}

{#- Newest months of service for which a year before says more than the little that is settled. -#}
{% macro expected_lags() -%}
    {{ return(2) }}
{%- endmacro %}
