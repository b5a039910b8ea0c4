{#- Mean growth a year over so many years (geometric); NULL unless both values are above 0 (E01). -#}
{% macro yearly_growth(present, past, years) -%}
    cast(
        case
            when {{ present }} > 0 and {{ past }} > 0
                then power(cast({{ present }} as double) / cast({{ past }} as double), 1.0 / {{ years }}) - 1
        end as decimal(20, 10)
    )
{%- endmacro %}
