{#- Measures of single events beside those of settlements: kind of event → what is 0 in a month without one. -#}
{% macro nil_measures() -%}
    {{ return({
        'paid': ['paid_up', 'paid_season'],
        'aided': ['subsidised', 'subsidy'],
        'listed': ['key_group_uninsured'],
        'certified': ['certified_persons'],
        'at_risk': ['risk_units', 'risk_units_yellow_up', 'risk_units_red'],
        'warned': [
            'risk_alerts', 'risk_verified', 'risk_rescued', 'risk_answered', 'risk_answer_days',
        ],
    }) }}
{%- endmacro %}
