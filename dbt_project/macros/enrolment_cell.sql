{#- The columns that make a cell of the cube of the insured. -#}
{% macro enrolment_cell(alias=none) -%}
    {%- for name in enrolment_cell_columns() -%}
        {{ alias ~ "." if alias }}{{ name }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro same_cell(left, right) -%}
    {%- for name in enrolment_cell_columns() -%}
        {{ left }}.{{ name }} = {{ right }}.{{ name }}{{ " and " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro enrolment_cell_columns() -%}
    {{ return([
        'region_code', 'scheme_code', 'person_group_code', 'is_retired', 'is_flexible', 'age_band_code',
        'sex_code', 'data_origin',
    ]) }}
{%- endmacro %}
