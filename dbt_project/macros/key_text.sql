{#- The key of a raw row as one text, as raw.repeated_key has it. -#}
{% macro key_text(alias, keys) -%}
    {% if keys | length == 1 -%}
        {{ alias }}.{{ keys[0] }}
    {%- else -%}
        concat_ws('|', {% for key in keys %}cast({{ alias }}.{{ key }} as varchar){{ ", " if not loop.last }}{% endfor %})
    {%- endif %}
{%- endmacro %}
