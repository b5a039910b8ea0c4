-- One row per month, region, scheme, service, level, area, ownership, aid, payment, age and sex.
-- the months to compute anew are asked for with it; depends_on: {{ ref('stg_platform__grouping') }}
{{
    config(
        materialized='incremental', incremental_strategy='append',
        pre_hook="{{ forget_changed_months('int_benefit__cells') }}",
        post_hook="{{ remember_inputs('int_benefit__cells') }}",
    )
}}
with counted as (
    select * from {{ ref('int_benefit__paid') }}
    where
        coalesce(remote_side_code, '0') <> '2'
        and {{ in_changed_months('int_benefit__cells') }}
),

institution as (
    select * from {{ ref('stg_platform__institution') }}
),

code as (
    select * from {{ ref('feed_code') }}
),

assisted as (
    select
        person.psn_no,
        roster.roster_month,
        bool_or(grp.maps_to = 'key') as is_key_assisted,
        bool_or(grp.maps_to in ('lifted', 'monitored_lifted')) as is_lifted
    from {{ ref('stg_platform__person_key') }} as person
    inner join {{ ref('stg_platform__roster') }} as roster on person.psn_key = roster.psn_key
    left join code as grp
        on roster.assisted_group_name = grp.code and grp.code_set = 'assisted_group'
    group by person.psn_no, roster.roster_month
),

classified as (
    select
        counted.*,
        counted.region_code as home_region_code,
        coalesce(grade.maps_to, 'none') as level_code,
        case
            when counted.treatment_region_code is null then 'unstated'
            when counted.treatment_region_code = counted.region_code then 'county'
            when substr(counted.treatment_region_code, 1, 2) = substr(counted.region_code, 1, 2)
                then 'province'
            else 'outside'
        end as area_code,
        coalesce(institution.ownership_code, 'unstated') as ownership_code,
        coalesce(institution.is_primary_care, false) as is_primary_care,
        assisted.psn_no is not null as is_assisted,
        coalesce(assisted.is_key_assisted, false) as is_key_assisted,
        coalesce(assisted.is_lifted, false) as is_lifted,
        -- 3.16: ordinary and emergency visits that the pool pays for
        counted.service_type_code in ('11', '13') and counted.pool_yuan <> 0 as is_pool_outpatient,
        {{ age_band_number('counted.birth_date', 'counted.settled_at') }} as age_band_number,
        counted.visits * {{ days_of_stay('counted.begin_date', 'counted.end_date') }} as stay_days
    from counted
    left join institution
        on
            counted.institution_code = institution.institution_code
            and cast(counted.settled_at as date) >= institution.valid_from_date
            and cast(counted.settled_at as date) < institution.valid_before_date
    left join assisted
        on counted.psn_no = assisted.psn_no and counted.settlement_month = assisted.roster_month
    left join code as grade
        on counted.hospital_grade_code = grade.code and grade.code_set = 'hosp_lv'
),

final as (
    select
        settlement_month as month_start,
        home_region_code as region_code,
        scheme_code,
        service_code,
        level_code,
        area_code,
        ownership_code,
        is_primary_care,
        is_assisted,
        is_key_assisted,
        is_lifted,
        payment_method,
        {{ age_band_of('age_band_number') }} as age_band_code,
        coalesce(sex_code, '0') as sex_code,
        data_origin,
        {{ benefit_sums() }},
        max(paid_known_on) as known_on
    from classified
    where scheme_code <> 'other'
    group by
        settlement_month,
        home_region_code,
        scheme_code,
        service_code,
        level_code,
        area_code,
        ownership_code,
        is_primary_care,
        is_assisted,
        is_key_assisted,
        is_lifted,
        payment_method,
        age_band_number,
        coalesce(sex_code, '0'),
        data_origin
)

select * from final
