{#- What the indicators of use and benefit are made of: measure key → sum over cells of benefit.month. -#}
{% macro benefit_measures() -%}
    {%- set ip = "service_code in ('ip', 'maternity_ip')" -%}
    {%- set op = "service_code = 'op'" -%}
    {%- set opsp = "service_code = 'opsp'" -%}
    {%- set maternity = "service_code in ('maternity_op', 'maternity_ip')" -%}
    {%- set by_disease = ip ~ " and payment_method = 'by_disease'" -%}
    {%- set pharmacy = "service_code = 'pharmacy'" -%}
    {%- set by_item = "payment_method = 'by_item'" -%}
    {%- set is_employee = "cell.scheme_code = 'employee'" -%}
    {#- 3.01 and 3.02: large sums are of employees, serious illness of residents -#}
    {%- set basic_plus = "pool_yuan + case when " ~ is_employee
        ~ " then large_sum_yuan else serious_illness_yuan end" -%}
    {%- set supplements = "civil_servant_yuan + employer_supplement_yuan" -%}
    {%- set registered = basic_plus ~ " + case when " ~ is_employee ~ " then " ~ supplements ~ " else 0 end" -%}
    {%- set all_layers = "pool_yuan + large_sum_yuan + serious_illness_yuan" -%}
    {%- set own_expense = "own_expense_yuan + over_limit_yuan" -%}
    {%- set selfpay = "person_yuan - own_expense_yuan - over_limit_yuan" -%}
    {%- set rescue_base = "policy_scope_yuan - (" ~ all_layers ~ ") - (" ~ supplements ~ ")" -%}
    {{ return({
        'ip_visits': ['visits', ip],
        'ip_days': ['stay_days', ip],
        'ip_fee': ['fee_yuan', ip],
        'ip_policy_scope': ['policy_scope_yuan', ip],
        'ip_catalogue_fee': ['fee_yuan - own_expense_yuan - over_limit_yuan', ip],
        'ip_supplement_visits': ['serious_illness_visits + large_sum_visits', ip],
        'ip_civil_visits': ['supplement_visits', ip],
        'ip_further_visits': ['further_fund_visits', ip],
        'ip_other_fund_visits': ['other_fund_visits', ip],
        'ip_prior_visits': ['prior_visits', ip],
        'ip_elsewhere_visits': ['visits', ip ~ " and area_code not in ('county', 'outside')"],
        'ip_paid_basic': ['pool_yuan', ip],
        'ip_paid_basic_plus': [basic_plus, ip],
        'ip_paid_all': [basic_plus ~ ' + ' ~ supplements, ip],
        'ip_paid_registered': [registered, ip],
        'ip_fund': ['fund_yuan', ip],
        'ip_person': ['person_yuan', ip],
        'ip_selfpay': [selfpay, ip],
        'ip_own_expense': [own_expense, ip],
        'ip_deductible': ['deductible_yuan', ip, 'null'],
        'ip_county_visits': ['visits', ip ~ " and area_code = 'county'"],
        'ip_outside_visits': ['visits', ip ~ " and area_code = 'outside'"],
        'ip_county_fund': ['fund_yuan', ip ~ " and area_code = 'county'"],
        'ip_outside_fund': ['fund_yuan', ip ~ " and area_code = 'outside'"],
        'ip_by_disease_fee': ['fee_yuan', by_disease],
        'ip_by_disease_pool': ['pool_yuan', by_disease ~ " and area_code <> 'outside'"],
        'ip_pool_in_province': ['pool_yuan', ip ~ " and area_code <> 'outside'"],
        'ip_by_disease_visits': ['visits', by_disease],
        'ip_by_day_fee': ['fee_yuan', ip ~ " and payment_method = 'by_day'"],
        'fee': ['fee_yuan', 'true'],
        'ip_by_item_fee': ['fee_yuan', ip ~ ' and ' ~ by_item],
        'ip_by_item_visits': ['visits', ip ~ ' and ' ~ by_item],
        'person': ['person_yuan', 'true'],
        'selfpay': [selfpay, 'true'],
        'own_expense': [own_expense, 'true'],
        'fee_by_item': ['fee_yuan', by_item],
        'fee_by_head': ['fee_yuan', "payment_method = 'by_head'"],
        'op_visits': ['visits', op],
        'op_fee': ['fee_yuan', op],
        'op_fund_visits': ['fund_visits', op],
        'op_beyond_visits': ['beyond_pool_visits', op],
        'op_person': ['person_yuan', op],
        'op_selfpay': [selfpay, op],
        'op_own_expense': [own_expense, op],
        'op_pool_visits': ['pool_outpatient_visits', 'true'],
        'op_pool': ['pool_outpatient_yuan', 'true'],
        'op_policy_scope': ['pool_outpatient_scope_yuan', 'true'],
        'opsp_visits': ['visits', opsp],
        'opsp_fee': ['fee_yuan', opsp],
        'opsp_paid': [registered, opsp],
        'opsp_fund_visits': ['fund_visits', opsp],
        'opsp_beyond_visits': ['beyond_layers_visits', opsp],
        'opsp_person': ['person_yuan', opsp],
        'opsp_selfpay': [selfpay, opsp],
        'opsp_own_expense': [own_expense, opsp],
        'pharmacy_visits': ['visits', pharmacy],
        'pharmacy_fee': ['fee_yuan', pharmacy],
        'pharmacy_fund_visits': ['fund_visits', pharmacy],
        'pharmacy_person': ['person_yuan', pharmacy],
        'pharmacy_selfpay': [selfpay, pharmacy],
        'pharmacy_own_expense': [own_expense, pharmacy],
        'account_family': ['family_account_yuan', 'true'],
        'account_family_visits': ['family_account_visits', 'true'],
        'opsp_policy_scope': ['policy_scope_yuan', opsp],
        'maternity_visits': ['visits', maternity],
        'maternity_ip_visits': ['visits', "service_code = 'maternity_ip'"],
        'maternity_fund': ['fund_yuan', maternity],
        'serious_illness_visits': ['serious_illness_visits', 'true'],
        'serious_illness_paid': ['serious_illness_yuan', 'true'],
        'large_sum_visits': ['large_sum_visits', 'true'],
        'large_sum_paid': ['large_sum_yuan', 'true'],
        'assistance_visits': ['assistance_visits', 'true'],
        'assistance_paid': ['assistance_yuan', 'true'],
        'assistance_ip_visits': ['assistance_visits', ip],
        'assistance_ip_paid': ['assistance_yuan', ip],
        'assistance_op_visits': ['assistance_visits', 'not (' ~ ip ~ ')'],
        'assistance_op_paid': ['assistance_yuan', 'not (' ~ ip ~ ')'],
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
        'lifted_ip_hospital': ['hospital_part_yuan', ip ~ ' and is_lifted'],
        'lifted_opsp_hospital': ['hospital_part_yuan', opsp ~ ' and is_lifted'],
        'primary_care_pool': ['pool_yuan', "is_primary_care and service_code <> 'pharmacy'"],
        'institution_pool': ['pool_yuan', "service_code <> 'pharmacy'"],
        'visits': ['visits', 'true'],
        'fund_visits': ['fund_visits', 'true'],
        'account_visits': ['account_visits', 'true'],
        'ip_by_day_visits': ['visits', ip ~ " and payment_method = 'by_day'"],
        'visits_by_item': ['visits', by_item],
        'other_by_item_visits': ['visits', 'not (' ~ ip ~ ') and ' ~ by_item],
        'other_service_visits': [
            'visits', "service_code not in ('ip', 'maternity_ip', 'op', 'opsp', 'pharmacy')"
        ],
        'visits_by_head': ['visits', "payment_method = 'by_head'"],
        'assisted_ip_visits': ['visits', ip ~ ' and is_assisted'],
        'primary_care_visits': ['visits', "is_primary_care and service_code <> 'pharmacy'"],
        'institution_visits': ['visits', "service_code <> 'pharmacy'"],
    }) }}
{%- endmacro %}
