{#- What the indicators of use and benefit are made of: measure key → sum over cells of benefit.month. -#}
{% macro benefit_measures() -%}
    {%- set ip = "service_code in ('ip', 'maternity_ip')" -%}
    {%- set op = "service_code = 'op'" -%}
    {%- set opsp = "service_code = 'opsp'" -%}
    {%- set maternity = "service_code in ('maternity_op', 'maternity_ip')" -%}
    {%- set by_disease = ip ~ " and payment_method = 'by_disease'" -%}
    {%- set basic_plus = "pool_yuan + large_sum_yuan + serious_illness_yuan" -%}
    {%- set selfpay = "person_yuan - own_expense_yuan - over_limit_yuan" -%}
    {%- set rescue_base = "policy_scope_yuan - (" ~ basic_plus
        ~ ") - civil_servant_yuan - employer_supplement_yuan" -%}
    {{ return({
        'ip_visits': ['visits', ip],
        'ip_days': ['stay_days', ip],
        'ip_fee': ['fee_yuan', ip],
        'ip_policy_scope': ['policy_scope_yuan', ip],
        'ip_catalogue_fee': ['fee_yuan - own_expense_yuan - over_limit_yuan', ip],
        'ip_paid_basic': ['pool_yuan', ip],
        'ip_paid_basic_plus': [basic_plus, ip],
        'ip_paid_all': [basic_plus ~ ' + civil_servant_yuan + employer_supplement_yuan', ip],
        'ip_fund': ['fund_yuan', ip],
        'ip_person': ['person_yuan', ip],
        'ip_selfpay': [selfpay, ip],
        'ip_own_expense': ['own_expense_yuan + over_limit_yuan', ip],
        'ip_deductible': ['deductible_yuan', ip, 'null'],
        'ip_county_visits': ['visits', ip ~ " and area_code = 'county'"],
        'ip_outside_visits': ['visits', ip ~ " and area_code = 'outside'"],
        'ip_by_disease_fee': ['fee_yuan', by_disease],
        'ip_by_disease_pool': ['pool_yuan', by_disease ~ " and area_code <> 'outside'"],
        'ip_pool_in_province': ['pool_yuan', ip ~ " and area_code <> 'outside'"],
        'ip_by_disease_visits': ['visits', by_disease],
        'ip_by_day_fee': ['fee_yuan', ip ~ " and payment_method = 'by_day'"],
        'fee': ['fee_yuan', 'true'],
        'fee_by_item': ['fee_yuan', "payment_method = 'by_item'"],
        'fee_by_head': ['fee_yuan', "payment_method = 'by_head'"],
        'op_visits': ['visits', op],
        'op_fee': ['fee_yuan', op],
        'op_pool': ['pool_yuan', op],
        'op_policy_scope': ['policy_scope_yuan', op],
        'opsp_visits': ['visits', opsp],
        'opsp_fee': ['fee_yuan', opsp],
        'opsp_paid': [basic_plus, opsp],
        'opsp_policy_scope': ['policy_scope_yuan', opsp],
        'maternity_visits': ['visits', maternity],
        'maternity_fund': ['fund_yuan', maternity],
        'serious_illness_visits': ['serious_illness_visits', 'true'],
        'serious_illness_paid': ['serious_illness_yuan', 'true'],
        'large_sum_visits': ['large_sum_visits', 'true'],
        'large_sum_paid': ['large_sum_yuan', 'true'],
        'assistance_visits': ['assistance_visits', 'true'],
        'assistance_paid': ['assistance_yuan', 'true'],
        'assisted_ip_paid': [
            'pool_yuan + large_sum_yuan + serious_illness_yuan + assistance_yuan', ip ~ ' and is_assisted'
        ],
        'assisted_ip_policy_scope': ['policy_scope_yuan', ip ~ ' and is_assisted'],
        'assisted_ip_fee': ['fee_yuan', ip ~ ' and is_assisted'],
        'key_assistance': ['assistance_yuan', 'is_key_assisted'],
        'key_assistance_base': [rescue_base, 'is_key_assisted'],
        'key_ip_assistance': ['assistance_yuan', ip ~ ' and is_key_assisted'],
        'key_ip_assistance_base': [rescue_base, ip ~ ' and is_key_assisted'],
        'key_visits': ['visits', 'is_key_assisted'],
        'key_ip_visits': ['visits', ip ~ ' and is_key_assisted'],
        'lifted_ip_visits': ['visits', ip ~ ' and is_lifted'],
        'lifted_opsp_visits': ['visits', opsp ~ ' and is_lifted'],
        'lifted_ip_fund': ['fund_yuan', ip ~ ' and is_lifted'],
        'lifted_ip_fee': ['fee_yuan', ip ~ ' and is_lifted'],
        'lifted_opsp_fund': ['fund_yuan', opsp ~ ' and is_lifted'],
        'lifted_opsp_fee': ['fee_yuan', opsp ~ ' and is_lifted'],
        'primary_care_pool': ['pool_yuan', "is_primary_care and service_code <> 'pharmacy'"],
        'institution_pool': ['pool_yuan', "service_code <> 'pharmacy'"],
        'visits': ['visits', 'true'],
        'ip_by_day_visits': ['visits', ip ~ " and payment_method = 'by_day'"],
        'visits_by_item': ['visits', "payment_method = 'by_item'"],
        'visits_by_head': ['visits', "payment_method = 'by_head'"],
        'assisted_ip_visits': ['visits', ip ~ ' and is_assisted'],
        'primary_care_visits': ['visits', "is_primary_care and service_code <> 'pharmacy'"],
        'institution_visits': ['visits', "service_code <> 'pharmacy'"],
    }) }}
{%- endmacro %}
