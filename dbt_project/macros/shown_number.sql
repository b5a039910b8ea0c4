{#- A number as a finding words it: on the screen's unit, as many decimals as tell amounts apart to the
    yuan hundred and people to one, no trailing zeros. -#}
{% macro shown_number(value, factor) -%}
    rtrim(
        rtrim(
            cast(cast({{ value }} * coalesce({{ factor }}, 1) as decimal(28, 6)) as varchar), '0'
        ), '.'
    )
{%- endmacro %}
