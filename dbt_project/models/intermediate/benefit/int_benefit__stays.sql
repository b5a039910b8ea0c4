-- One row per inpatient stay that counts and was not taken back, by month of its last settlement.
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        pre_hook="{{ forget_changed_months('int_benefit__stays') }}",
        post_hook="{{ remember_inputs('int_benefit__stays') }}",
    )
}}
with counted as (
    select * from {{ ref('int_benefit__counted') }}
    where
        coalesce(remote_side_code, '0') <> '2'
        and visits = 1
        and not is_adjustment
        and not is_taken_back
        and {{ in_changed_months('int_benefit__stays') }}
),

code as (
    select * from {{ ref('feed_code') }}
    where code_set = 'med_type' and maps_to in ('ip', 'maternity_ip')
),

final as (
    select
        counted.settlement_month as month_start,
        counted.settlement_id,
        counted.visit_id,
        counted.psn_no,
        counted.scheme_code,
        counted.region_code,
        counted.institution_code,
        counted.treatment_region_code,
        counted.hospital_grade_code,
        counted.disease_code,
        coalesce(counted.begin_date, cast(counted.settled_at as date)) as admitted_date,
        coalesce(counted.end_date, cast(counted.settled_at as date)) as discharged_date,
        counted.benefit_year,
        counted.fee_yuan,
        counted.person_yuan,
        counted.data_origin,
        counted.known_on
    from counted
    inner join code on counted.service_type_code = code.code
    where counted.scheme_code in ('employee', 'resident')
)

select * from final
