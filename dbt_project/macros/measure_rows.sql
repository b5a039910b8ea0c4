{#- Long rows (measure_key, …, number) out of a wide CTE that has one column a measure. -#}
{% macro measure_rows(source, measures) -%}
    {% for key in measures -%}
        select
            '{{ key }}' as measure_key,
            region_code,
            scheme_code,
            fund_scope,
            month_end,
            data_origin,
            report_status,
            cast({{ key }} as decimal(28, 10)) as number,
            known_on
        from {{ source }}
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
{%- endmacro %}
