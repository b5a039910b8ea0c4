{#- The only division of the project: ten decimals; NULL where the denominator is 0 or missing (E01) or
    the quotient has no sense as a ratio (ten digits and more before the point). A quotient in floating point keeps
    sixteen digits: where ten decimals need more, whole times and the rest are divided apart. -#}
{% macro ratio(numerator, denominator) -%}
    {%- set part = 'cast(' ~ numerator ~ ' as decimal(38, 10))' -%}
    {%- set whole = 'nullif(cast(' ~ denominator ~ ' as decimal(38, 10)), 0)' -%}
    case
        when abs({{ part }} / {{ whole }}) < 10000
            then try_cast({{ part }} / {{ whole }} as decimal(20, 10))
        else
            try_cast(
                try_cast(({{ part }} - {{ part }} % {{ whole }}) / {{ whole }} as decimal(20, 10))
                + try_cast(({{ part }} % {{ whole }}) / {{ whole }} as decimal(20, 10))
                as decimal(20, 10)
            )
    end
{%- endmacro %}
