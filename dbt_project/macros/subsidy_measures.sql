{#- Measures of fiscal subsidies: measure key → column of fund.subsidy, level of government. -#}
{% macro subsidy_measures() -%}
    {{ return({
        'subsidy_ytd': ['ytd_yuan', 'all'],
        'subsidy_arrived': ['budgeted_ytd_yuan', 'all'],
        'subsidy_budget': ['budget_yuan', 'all'],
        'subsidy_arrived_central': ['budgeted_ytd_yuan', 'central'],
        'subsidy_budget_central': ['budget_yuan', 'central'],
        'subsidy_arrived_provincial': ['budgeted_ytd_yuan', 'provincial'],
        'subsidy_budget_provincial': ['budget_yuan', 'provincial'],
        'subsidy_arrived_county': ['budgeted_ytd_yuan', 'county'],
        'subsidy_budget_county': ['budget_yuan', 'county'],
    }) }}
{%- endmacro %}
