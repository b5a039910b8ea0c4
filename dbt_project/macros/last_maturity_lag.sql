{#- Months after which claims of a month count as complete (analysis methods §2: manual and remote claims). -#}
{% macro last_maturity_lag() -%}
    6
{%- endmacro %}
