{#- What is counted of persons by benefit year: measure key → state of a person from the columns of
    int_benefit__person_progress and the parameters of the year. -#}
{% macro person_measures() -%}
    {%- set measures = {
        'inpatient_persons': 'case when inpatient_visits > 0 then 1 else 0 end',
        'assistance_persons': 'case when assistance_yuan > 0 then 1 else 0 end',
        'serious_illness_persons': 'case when serious_illness_yuan > 0 then 1 else 0 end',
        'serious_illness_year_paid': 'serious_illness_yuan',
        'serious_illness_base':
            'greatest(policy_scope_yuan - pool_yuan - serious_illness_deductible, 0)',
        'two_disease_persons': 'case when two_disease_yuan > 0 then 1 else 0 end',
        'cap_persons': 'case when pool_yuan >= pool_cap then 1 else 0 end',
    } -%}
    {%- for kind, amount in [('total', 'fee_yuan'), ('own', 'person_yuan')] -%}
        {%- for step in ['1', '2', '3'] -%}
            {%- set is_high = 'case when ' ~ amount ~ ' >= high_cost_' ~ step -%}
            {%- do measures.update({
                'high_' ~ kind ~ '_' ~ step ~ '_persons': is_high ~ ' then 1 else 0 end',
                'high_' ~ kind ~ '_' ~ step ~ '_amount': is_high ~ ' then ' ~ amount ~ ' else 0 end',
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(measures) }}
{%- endmacro %}

{#- Those that are amounts: a year to date less the one before is what a few persons added. -#}
{% macro amounts_of_persons() -%}
    {%- set amounts = [] -%}
    {%- for key, state in person_measures().items() if not state.endswith('then 1 else 0 end') -%}
        {%- do amounts.append(key) -%}
    {%- endfor -%}
    {{ return(amounts) }}
{%- endmacro %}

{#- How many persons changed each amount in the month. -#}
{% macro persons_behind() -%}
    {%- set counts = [] -%}
    {%- for key in amounts_of_persons() -%}
        {%- do counts.append(key ~ '_persons') -%}
    {%- endfor -%}
    {{ return(counts) }}
{%- endmacro %}

{% macro person_parameters() -%}
    {{ return([
        'serious_illness_deductible', 'pool_cap', 'high_cost_1', 'high_cost_2', 'high_cost_3',
    ]) }}
{%- endmacro %}
