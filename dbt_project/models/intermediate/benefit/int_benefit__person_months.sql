-- One row per person number, month, scheme, region, benefit year and disease: use and payments.
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ forget_changed_months('int_benefit__person_months') }}",
        post_hook="{{ remember_inputs('int_benefit__person_months') }}",
    )
}}
with counted as (
    select * from {{ ref('int_benefit__counted') }}
    where
        coalesce(remote_side_code, '0') <> '2'
        and (scheme_code <> 'other' or insurance_type_code = '410')
        and {{ in_changed_months('int_benefit__person_months') }}
),

code as (
    select * from {{ ref('feed_code') }}
    where code_set = 'med_type'
),

classified as (
    select
        counted.settlement_month,
        counted.psn_no,
        case counted.scheme_code when 'other' then 'long_term_care' else counted.scheme_code end
            as scheme_code,
        counted.region_code,
        counted.benefit_year,
        case when code.maps_to in ('op', 'opsp') then coalesce(counted.disease_code, '') else '' end
            as chronic_disease_code,
        case when code.maps_to in ('ip', 'maternity_ip') then counted.visits else 0 end
            as inpatient_visits,
        counted.fee_yuan,
        counted.policy_scope_yuan,
        counted.pool_yuan,
        counted.serious_illness_yuan,
        counted.assistance_yuan,
        counted.fund_yuan,
        counted.person_yuan,
        counted.data_origin,
        counted.known_on
    from counted
    left join code on counted.service_type_code = code.code
),

final as (
    select
        settlement_month as month_start,
        psn_no,
        scheme_code,
        region_code,
        benefit_year,
        chronic_disease_code,
        data_origin,
        cast(sum(inpatient_visits) as bigint) as inpatient_visits,
        {% for amount in person_amounts() -%}
            cast(sum({{ amount }}) as decimal(24, 2)) as {{ amount }},
        {% endfor -%}
        max(known_on) as known_on
    from classified
    group by
        settlement_month,
        psn_no,
        scheme_code,
        region_code,
        benefit_year,
        chronic_disease_code,
        data_origin
)

select * from final
