{#- What is kept of a person's month, in yuan. -#}
{% macro person_amounts() -%}
    {{ return([
        'fee_yuan', 'policy_scope_yuan', 'pool_yuan', 'serious_illness_yuan', 'assistance_yuan',
        'fund_yuan', 'person_yuan',
    ]) }}
{%- endmacro %}

{#- With what the month is part of: drugs for the two diseases under a certificate. -#}
{% macro progress_amounts() -%}
    {{ return(person_amounts() + ['two_disease_yuan']) }}
{%- endmacro %}
