{#- Models msr_… by how they roll up: sums of counties and schemes; rows that come ready for every
    region and scheme (persons counted once); and of these, one row that stands for a whole year. -#}
{% macro summed_measures() -%}
    {{ return([
        'benefit', 'enrolment', 'fund', 'membership', 'budget', 'contribution', 'premium', 'funding',
        'certificates', 'cases', 'risk', 'risk_alerts', 'ledger', 'nils',
    ]) }}
{%- endmacro %}

{% macro ready_measures() -%}
    {{ return(['persons', 'diseases', 'payment_reform'] + yearly_measures()) }}
{%- endmacro %}

{#- Computed of other measures after these are summed. -#}
{% macro derived_measures() -%}
    {{ return([
        'uninsured', 'assessed', 'subsidy_due', 'economy', 'budget_path', 'accrual', 'maternity',
    ]) }}
{%- endmacro %}

{% macro yearly_measures() -%}
    {{ return(['reference', 'catastrophic', 'long_term_care']) }}
{%- endmacro %}
