{#- Completed years between a birthday and a moment; -1 where the birthday is not known. -#}
{% macro completed_years(birth_date, moment) -%}
    coalesce(
        year({{ moment }}) - year({{ birth_date }})
        - case
            when
                month({{ moment }}) * 100 + day({{ moment }})
                < month({{ birth_date }}) * 100 + day({{ birth_date }}) then 1
            else 0
        end, -1
    )
{%- endmacro %}

{#- Days of a stay: at least one, also where a date is missing. -#}
{% macro days_of_stay(begin_date, end_date) -%}
    greatest(coalesce({{ days_between(begin_date, end_date) }}, 0), 1)
{%- endmacro %}

{#- The day after a date. -#}
{% macro day_after(name) -%}
    cast({{ name }} + interval 1 day as date)
{%- endmacro %}

{#- Days from one date to another. -#}
{% macro days_between(from_date, to_date) -%}
    {%- if target is defined and target.type == 'spark' -%}
        datediff({{ to_date }}, {{ from_date }})
    {%- else -%}
        date_diff('day', {{ from_date }}, {{ to_date }})
    {%- endif -%}
{%- endmacro %}

{#- The first day of a month written as six digits (yyyymm). -#}
{% macro first_of_month(digits) -%}
    make_date(
        cast(substr({{ digits }}, 1, 4) as integer), cast(substr({{ digits }}, 5, 2) as integer), 1
    )
{%- endmacro %}
