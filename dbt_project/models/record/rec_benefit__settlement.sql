-- One row per settlement that counts (E02), de-identified: no number, name or birth date.
{{ config(materialized='view') }}
with counted as (
    select * from {{ ref('int_benefit__counted') }}
    where coalesce(remote_side_code, '0') <> '2' and scheme_code <> 'other'
),

person_key as (
    select * from {{ ref('stg_platform__person_key') }}
),

final as (
    select
        person_key.psn_key,
        counted.settlement_month,
        counted.original_month,
        counted.region_code,
        counted.scheme_code,
        counted.service_type_code,
        counted.treatment_region_code,
        counted.institution_code,
        counted.hospital_grade_code,
        counted.payment_method_code,
        coalesce(counted.sex_code, '0') as sex_code,
        {{ age_band_of(age_band_number('counted.birth_date', 'counted.settled_at')) }}
            as age_band_code,
        counted.is_adjustment,
        counted.visits,
        abs(counted.visits) * {{ days_of_stay('counted.begin_date', 'counted.end_date') }}
            as stay_days,
        counted.fee_yuan,
        counted.own_expense_yuan,
        counted.over_limit_yuan,
        counted.prior_selfpay_yuan,
        counted.policy_scope_yuan,
        counted.deductible_yuan,
        counted.pool_yuan,
        counted.civil_servant_yuan,
        counted.employer_supplement_yuan,
        counted.serious_illness_yuan,
        counted.large_sum_yuan,
        counted.disabled_servicemen_yuan,
        counted.assistance_yuan,
        counted.other_fund_yuan,
        counted.fund_yuan,
        counted.person_yuan,
        counted.account_yuan,
        counted.data_origin
    from counted
    left join person_key on counted.psn_no = person_key.psn_no
)

select * from final
