{#- A measure over a period as its formula takes it: last month, mean of the months or sum, divided or not. -#}
{% macro per_part(measure, span, divisor=none) -%}
    {%- set taken -%}
        case {{ span }}
            when 'closing' then cast({{ measure }}.closing as decimal(38, 8))
            when 'mean' then cast({{ measure }}.mean as decimal(38, 8))
            else cast({{ measure }}.total as decimal(38, 8))
        end
    {%- endset -%}
    {%- if divisor -%}
        case
            when {{ divisor }} is null then {{ taken }}
            else cast({{ taken }} / {{ divisor }} as decimal(38, 8))
        end
    {%- else -%}
        {{ taken }}
    {%- endif -%}
{%- endmacro %}
