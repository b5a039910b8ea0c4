{#- Whether `past` ends where `present` ended a year before: month-end with month-end, else the same day. -#}
{% macro same_period_last_year(present, past) -%}
    year({{ present }}) = year({{ past }}) + 1
    and month({{ present }}) = month({{ past }})
    and case
        when {{ present }} = last_day({{ present }}) then {{ past }} = last_day({{ past }})
        else day({{ present }}) = day({{ past }})
    end
{%- endmacro %}
