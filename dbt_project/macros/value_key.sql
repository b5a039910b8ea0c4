{#- The content key of an indicator value: the same natural key gives the same key in every build. -#}
{% macro value_key(alias) -%}
    md5(concat_ws(
        '|',
        {{ alias }}.metric_key,
        {{ alias }}.variant,
        {{ alias }}.region_code,
        {{ alias }}.scheme_code,
        {{ alias }}.fund_scope,
        {{ alias }}.period_basis,
        cast({{ alias }}.period_end as varchar),
        {{ alias }}.data_origin,
        {{ alias }}.report_status,
        cast({{ alias }}.known_on as varchar)
    ))
{%- endmacro %}
