-- One row per enrolment relation of a person in employee or resident insurance, by month.
with enrolment as (
    select * from {{ ref('stg_platform__enrolment') }}
    where scheme_code in ('employee', 'resident') and begin_date < end_date
),

person as (
    select * from {{ ref('stg_platform__person') }}
),

retirement as (
    select * from {{ ref('int_enrolment__retirements') }}
),

retiring as (
    select * from {{ ref('stg_platform__enrolment') }}
    where
        scheme_code in ('employee', 'resident')
        and enrolment_id in (select enrolment_id from {{ ref('int_enrolment__retirements') }})
),

phase as (
    select
        enrolment.* replace (
            case
                when retirement.retired_date > enrolment.begin_date then false
                else enrolment.is_retired
            end as is_retired,
            case
                when retirement.retired_date > enrolment.begin_date
                    then least(retirement.retired_date, enrolment.end_date)
                else enrolment.end_date
            end as end_date
        )
    from enrolment
    left join retirement on enrolment.enrolment_id = retirement.enrolment_id
    union all
    select retiring.* replace (retirement.retired_date as begin_date)
    from retiring
    inner join retirement on retiring.enrolment_id = retirement.enrolment_id
    where
        retirement.retired_date > retiring.begin_date
        and retirement.retired_date < retiring.end_date
),

joined as (
    select
        phase.*,
        coalesce(person.psn_key, phase.psn_no) as psn_key,
        coalesce(person.sex_code, '0') as sex_code,
        person.birth_date,
        person.survival_code
    from phase
    left join person on phase.psn_no = person.psn_no
),

final as (
    select
        enrolment_id,
        psn_key,
        scheme_code,
        region_code,
        case
            when scheme_code = 'employee' and is_retired then '12'
            when scheme_code = 'employee' then '11'
            else substr(coalesce(person_type_code, '00'), 1, 2)
        end as person_group_code,
        is_retired,
        is_flexible,
        sex_code,
        birth_date,
        survival_code,
        begin_date,
        end_date,
        cast(date_trunc('month', begin_date) as date) as first_month,
        cast(date_trunc('month', end_date) as date) as after_month,
        known_on,
        data_origin
    from joined
)

select * from final
