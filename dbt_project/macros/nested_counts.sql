{#- Counts that are shown side by side, of which one is a part of the other: part and whole. -#}
{% macro nested_counts() -%}
    {{ return([
        ('high_total_2_persons', 'high_total_1_persons'), ('high_total_3_persons', 'high_total_2_persons'),
        ('high_own_2_persons', 'high_own_1_persons'), ('high_own_3_persons', 'high_own_2_persons'),
        ('readmitted_7_stays', 'readmitted_15_stays'), ('readmitted_15_stays', 'readmitted_30_stays'),
        ('risk_units_red', 'risk_units_yellow_up'), ('risk_units_yellow_up', 'risk_units'),
        ('subsidised_listed', 'subsidised'),
    ]) }}
{%- endmacro %}
