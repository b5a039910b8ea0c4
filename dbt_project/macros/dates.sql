{#- The number of the age band at a moment: 0 under 5, 1 from 5 to 14, … 9 from 85; none where the birthday is
    not known or later. Completed years are written once, so that they are computed once. -#}
{% macro age_band_number(birth_date, moment) -%}
    case
        when {{ birth_date }} <= {{ moment }}
            then
                least(
                    9,
                    (
                        year({{ moment }}) - year({{ birth_date }})
                        - case
                            when
                                month({{ moment }}) * 100 + day({{ moment }})
                                < month({{ birth_date }}) * 100 + day({{ birth_date }}) then 1
                            else 0
                        end
                        + 5
                    )
                    // 10
                )
    end
{%- endmacro %}

{#- The code of that band, as in seeds/reference/age_band.csv. -#}
{% macro age_band_of(number) -%}
    case {{ number }}
        when 0 then '00-04'
        {%- for from_age in range(5, 85, 10) %}
        when {{ loop.index }} then '{{ "%02d-%02d" | format(from_age, from_age + 9) }}'
        {%- endfor %}
        when 9 then '85+'
        else 'unknown'
    end
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
