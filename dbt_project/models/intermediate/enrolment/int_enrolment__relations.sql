-- One row per enrolment relation of a person in employee or resident insurance, by month.
with enrolment as (
    select * from {{ ref('stg_platform__enrolment') }}
    where scheme_code in ('employee', 'resident') and begin_date < end_date
),

person as (
    select * from {{ ref('stg_platform__person') }}
),

joined as (
    select
        enrolment.*,
        coalesce(person.psn_key, enrolment.psn_no) as psn_key,
        coalesce(person.sex_code, '0') as sex_code,
        person.birth_date,
        person.survival_code
    from enrolment
    left join person on enrolment.psn_no = person.psn_no
),

final as (
    select
        enrolment_id,
        psn_key,
        scheme_code,
        region_code,
        substr(coalesce(person_type_code, '00'), 1, 2) as person_group_code,
        is_retired,
        is_flexible,
        sex_code,
        birth_date,
        survival_code,
        begin_date,
        end_date,
        cast(date_trunc('month', begin_date) as date) as first_month,
        cast(date_trunc('month', end_date) as date) as after_month,
        coalesce(
            begin_date < max(end_date) over (
                partition by psn_key
                order by begin_date, end_date, enrolment_id
                rows between unbounded preceding and 1 preceding
            ), false
        ) as is_overlapping,
        known_on,
        data_origin
    from joined
)

select * from final
