-- One row per month of discharge, institution and scheme: stays, their groups and what followed.
with stay_case as (
    select * from {{ ref('int_benefit__cases') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

code as (
    select * from {{ ref('feed_code') }}
    where code_set = 'hosp_lv'
),

summed as (
    select
        stay_case.month_end,
        coalesce(stay_case.institution_code, 'unstated') as institution_code,
        stay_case.scheme_code,
        stay_case.data_origin,
        coalesce(max(stay_case.treatment_region_code), 'unstated') as region_code,
        coalesce(max(code.maps_to), 'none') as level_code,
        cast(sum(stay_case.fee_yuan) as decimal(24, 2)) as fee_yuan,
        cast(sum(stay_case.stay_days) as bigint) as stay_days,
        {% for key, part in case_sums().items() -%}
            sum(coalesce({{ part }}, 0)) as {{ key }},
        {% endfor -%}
        max(stay_case.last_known_on) as known_on
    from stay_case
    inner join calendar on stay_case.month_end = calendar.month_end
    left join code on stay_case.hospital_grade_code = code.code
    group by
        stay_case.month_end,
        coalesce(stay_case.institution_code, 'unstated'),
        stay_case.scheme_code,
        stay_case.data_origin
),

final as (
    select
        month_end,
        institution_code,
        scheme_code,
        data_origin,
        region_code,
        level_code,
        cast(stays as bigint) as stay_cnt,
        fee_yuan,
        stay_days,
        cast(listed_cases as bigint) as listed_cnt,
        cast(grouped_cases as bigint) as grouped_cnt,
        cast(paid_cases as bigint) as paid_by_group_cnt,
        cast(high_multiple_cases as bigint) as high_multiple_cnt,
        cast(low_multiple_cases as bigint) as low_multiple_cnt,
        cast(case_weight as decimal(20, 4)) as weight_sum,
        {{ ratio('case_weight', 'weighed_cases') }} as case_mix_index,
        {{ ratio('relative_fee', 'grouped_cases') }} as cost_index,
        {{ ratio('relative_days', 'grouped_cases') }} as time_index,
        cast(followed_15_stays as bigint) as followed_15_cnt,
        cast(readmitted_15_stays as bigint) as readmitted_15_cnt,
        {{ ratio('readmitted_15_stays', 'followed_15_stays') }} as readmission_15_rate,
        cast(followed_3_stays as bigint) as followed_3_cnt,
        cast(split_suspects as bigint) as split_suspect_cnt,
        known_on
    from summed
)

select * from final
