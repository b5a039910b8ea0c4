{#- What is added up over settlements: visits (a refund after the lock counts −1), stay days, yuan. -#}
{% macro benefit_sums() -%}
    cast(sum(visits) as bigint) as visits,
    cast(sum(case when is_adjustment then visits else 0 end) as bigint) as adjustment_visits,
    cast(sum(case when service_code in ('ip', 'maternity_ip') then stay_days else 0 end) as bigint)
        as stay_days,
    cast(sum(case when serious_illness_yuan <> 0 then visits else 0 end) as bigint)
        as serious_illness_visits,
    cast(sum(case when large_sum_yuan <> 0 then visits else 0 end) as bigint) as large_sum_visits,
    cast(sum(case when assistance_yuan <> 0 then visits else 0 end) as bigint) as assistance_visits,
    cast(sum(case when family_account_yuan <> 0 then visits else 0 end) as bigint)
        as family_account_visits,
    cast(sum(case when is_pool_outpatient then visits else 0 end) as bigint)
        as pool_outpatient_visits,
    {%- for name, amount in visits_with().items() %}
    cast(sum(case when {{ amount }} <> 0 then visits else 0 end) as bigint) as {{ name }},
    {%- endfor %}
    cast(sum(case when is_pool_outpatient then pool_yuan else 0 end) as decimal(24, 2))
        as pool_outpatient_yuan,
    cast(sum(case when is_pool_outpatient then policy_scope_yuan else 0 end) as decimal(24, 2))
        as pool_outpatient_scope_yuan,
    {%- for amount in benefit_amounts() %}
    cast(sum({{ amount }}) as decimal(24, 2)) as {{ amount }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Visits that an amount rests on: those where it is not nil. -#}
{% macro visits_with() -%}
    {{ return({
        'policy_scope_visits': 'policy_scope_yuan',
        'prior_visits':
            '(fee_yuan - own_expense_yuan - over_limit_yuan - policy_scope_yuan)',
        'deductible_visits': 'deductible_yuan',
        'pool_visits': 'pool_yuan',
        'supplement_visits': '(civil_servant_yuan + employer_supplement_yuan)',
        'further_fund_visits':
            '(civil_servant_yuan + employer_supplement_yuan + disabled_servicemen_yuan + other_fund_yuan)',
        'other_fund_visits': '(disabled_servicemen_yuan + other_fund_yuan)',
        'beyond_layers_visits': '(assistance_yuan + disabled_servicemen_yuan + other_fund_yuan)',
        'beyond_pool_visits': '(fund_yuan - pool_yuan)',
        'fund_visits': 'fund_yuan',
        'person_visits': 'person_yuan',
        'selfpay_visits': '(person_yuan - own_expense_yuan - over_limit_yuan)',
        'own_expense_visits': '(own_expense_yuan + over_limit_yuan)',
        'account_visits': 'account_yuan',
        'hospital_part_visits': 'hospital_part_yuan',
    }) }}
{%- endmacro %}

{% macro benefit_amounts() -%}
    {{ return([
        'fee_yuan', 'own_expense_yuan', 'over_limit_yuan', 'prior_selfpay_yuan', 'policy_scope_yuan',
        'deductible_yuan', 'pool_yuan', 'civil_servant_yuan', 'employer_supplement_yuan',
        'serious_illness_yuan', 'large_sum_yuan', 'disabled_servicemen_yuan', 'assistance_yuan',
        'other_fund_yuan', 'fund_yuan', 'person_yuan', 'account_yuan', 'cash_yuan',
        'family_account_yuan',
        'hospital_part_yuan',
    ]) }}
{%- endmacro %}
