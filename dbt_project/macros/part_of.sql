{#- An amount divided by a small whole number, right to the eighth decimal whatever its size: a quotient in floating
    point keeps sixteen digits only, so whole parts and the rest are divided apart. -#}
{% macro part_of(amount, parts) -%}
    cast(
        (cast({{ amount }} as decimal(38, 8)) - cast({{ amount }} as decimal(38, 8)) % {{ parts }})
        / {{ parts }} as decimal(28, 8)
    )
    + cast((cast({{ amount }} as decimal(38, 8)) % {{ parts }}) / {{ parts }} as decimal(28, 8))
{%- endmacro %}
