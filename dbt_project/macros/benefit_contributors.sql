{#- How many visits stand behind each amount of benefit_measures(): measure key → column of benefit.month that
    counts them, and over which cells. Without a word here an amount has no count, and nothing compiles. -#}
{% macro benefit_contributors() -%}
    {%- set whole = {
        'fee_yuan': 'visits',
        'stay_days': 'visits',
        'policy_scope_yuan': 'policy_scope_visits',
        'deductible_yuan': 'deductible_visits',
        'fund_yuan': 'fund_visits',
        'person_yuan': 'person_visits',
        'assistance_yuan': 'assistance_visits',
        'serious_illness_yuan': 'serious_illness_visits',
        'large_sum_yuan': 'large_sum_visits',
        'family_account_yuan': 'family_account_visits',
        'hospital_part_yuan': 'hospital_part_visits',
        'pool_outpatient_yuan': 'pool_outpatient_visits',
        'pool_outpatient_scope_yuan': 'pool_outpatient_visits',
    } -%}
    {#- a sum of layers rests at least on those that its first layer pays for -#}
    {%- set begun = {
        'pool_yuan': 'pool_visits',
        'fee_yuan': 'visits',
        'person_yuan': 'selfpay_visits',
        'own_expense_yuan': 'own_expense_visits',
        'policy_scope_yuan': 'policy_scope_visits',
    } -%}
    {%- set counted = {} -%}
    {%- for key, parts in benefit_measures().items() if not parts[0].endswith('visits') -%}
        {%- set column = whole.get(parts[0]) or begun.get(parts[0].split(' ')[0]) -%}
        {%- if not column -%}
            {{ exceptions.raise_compiler_error('no column counts the visits behind ' ~ key) }}
        {%- endif -%}
        {%- do counted.update({key: [column, parts[1]]}) -%}
    {%- endfor -%}
    {{ return(counted) }}
{%- endmacro %}
