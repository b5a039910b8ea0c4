{#- The last select of a derived ind_ model: every column of indicator_columns() from the CTE `source`,
    which gives the key, value, numerator, denominator, quality_flag and the keys of its inputs. -#}
{% macro derived_indicator(source) -%}
    select
        {{ source }}.metric_key,
        {{ source }}.variant,
        {{ source }}.region_code,
        {{ source }}.scheme_code,
        {{ source }}.fund_scope,
        {{ source }}.period_basis,
        {{ source }}.period_start,
        {{ source }}.period_end,
        {{ source }}.data_origin,
        {{ source }}.report_status,
        {{ source }}.known_on,
        cast({{ source }}.value as decimal(28, 10)) as value,
        cast({{ source }}.numerator as decimal(28, 10)) as numerator,
        cast({{ source }}.denominator as decimal(28, 10)) as denominator,
        cast(null as decimal(28, 10)) as bound_lower,
        cast(null as decimal(28, 10)) as bound_upper,
        cast(null as varchar) as qualifier,
        cast(1 as decimal(5, 4)) as completeness,
        {{ source }}.quality_flag,
        {{ value_key(source) }} as value_key,
        {{ source }}.input_1_key,
        {{ source }}.input_2_key,
        {{ source }}.input_3_key
    from {{ source }}
{%- endmacro %}
