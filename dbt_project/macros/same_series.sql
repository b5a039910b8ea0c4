{#- Whether two values belong to one series: they differ in their period only. -#}
{% macro same_series(present, past) -%}
    {%- for name in ['metric_key', 'variant', 'region_code', 'scheme_code', 'fund_scope', 'period_basis', 'data_origin'] -%}
        {{ present }}.{{ name }} = {{ past }}.{{ name }}{{ " and " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
