{#- The first month at whose end a person born on a day has completed so many years. -#}
{% macro month_of_age(birth_date, years) -%}
    cast(date_trunc('month', {{ birth_date }} + to_years({{ years }})) as date)
{%- endmacro %}
