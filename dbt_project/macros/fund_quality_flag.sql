{#- What a reader must know of a derived fund figure: the scope its terms leave unstated. -#}
{% macro fund_quality_flag() -%}
    case when fund_scope = 'unstated' then 'scope_unstated' else 'ok' end
{%- endmacro %}
