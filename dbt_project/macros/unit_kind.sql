{#- What a unit counts: a printed number is a metric's only when both are of one kind. -#}
{% macro unit_kind(unit) -%}
    case
        when starts_with({{ unit }}, 'yuan') then 'money'
        when {{ unit }} in ('ratio', 'months', 'days', 'times', 'persons', 'visits') then {{ unit }}
        else 'count'
    end
{%- endmacro %}
