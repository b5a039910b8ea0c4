{#- What is added up over stays: measure key → what a row of int_benefit__cases gives. Stays whose window
    reaches beyond the data are not followed. -#}
{% macro case_sums() -%}
    {%- set sums = {
        'stays': '1',
        'listed_cases': 'case when has_list then 1 else 0 end',
        'grouped_cases': 'case when is_grouped then 1 else 0 end',
        'paid_cases': 'case when is_paid_by_group then 1 else 0 end',
        'weighed_cases': 'case when is_grouped and group_weight is not null then 1 else 0 end',
        'case_weight': 'case when is_grouped then group_weight else 0 end',
        'judged_cases': 'case when is_grouped and standard_yuan > 0 then 1 else 0 end',
        'high_multiple_cases': 'case when is_grouped and standard_yuan > 0'
            ~ ' and fee_yuan >= high_multiple * standard_yuan then 1 else 0 end',
        'low_multiple_cases': 'case when is_grouped and standard_yuan > 0'
            ~ ' and fee_yuan <= low_multiple * standard_yuan then 1 else 0 end',
        'relative_fee': 'relative_fee',
        'relative_days': 'relative_days',
        'standardised_fee': 'cast(relative_fee * year_mean_yuan as decimal(28, 2))',
        'followed_3_stays': 'case when followed_days >= 3 then 1 else 0 end',
        'split_suspects': 'case when followed_days >= 3 and split_gap_days <= 3 then 1 else 0 end',
    } -%}
    {%- for days in ['7', '15', '30'] -%}
        {%- do sums.update({
            'followed_' ~ days ~ '_stays': 'case when followed_days >= ' ~ days ~ ' then 1 else 0 end',
            'readmitted_' ~ days ~ '_stays': 'case when followed_days >= ' ~ days
                ~ ' and readmission_gap_days <= ' ~ days ~ ' then 1 else 0 end',
        }) -%}
    {%- endfor -%}
    {{ return(sums) }}
{%- endmacro %}
