-- One row per enrolment relation of a person in employee or resident insurance, by month.
with enrolment as (
    select * from {{ ref('stg_platform__enrolment') }}
    where scheme_code in ('employee', 'resident') and begin_date < before_date
),

move as (
    select * from {{ ref('int_enrolment__moves') }}
),

person as (
    select * from {{ ref('stg_platform__person') }}
),

retirement as (
    select * from {{ ref('int_enrolment__retirements') }}
),

-- the past of a relation stays in the county where it was
placed as (
    select
        enrolment.* replace (
            coalesce(move.region_code, enrolment.region_code) as region_code,
            greatest(enrolment.begin_date, coalesce(move.from_date, enrolment.begin_date))
                as begin_date,
            least(enrolment.before_date, coalesce(move.before_date, enrolment.before_date))
                as before_date
        )
    from enrolment
    left join move
        on
            enrolment.enrolment_id = move.enrolment_id
            and enrolment.begin_date < move.before_date
            and enrolment.before_date > move.from_date
),

phase as (
    select
        placed.* replace (
            case
                when retirement.retired_date > placed.begin_date then false
                else placed.is_retired
            end as is_retired,
            case
                when retirement.retired_date > placed.begin_date
                    then least(retirement.retired_date, placed.before_date)
                else placed.before_date
            end as before_date
        )
    from placed
    left join retirement on placed.enrolment_id = retirement.enrolment_id
    union all
    select placed.* replace (retirement.retired_date as begin_date)
    from placed
    inner join retirement on placed.enrolment_id = retirement.enrolment_id
    where
        retirement.retired_date > placed.begin_date
        and retirement.retired_date < placed.before_date
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
        before_date,
        cast(date_trunc('month', begin_date) as date) as first_month,
        cast(date_trunc('month', before_date) as date) as after_month,
        known_on,
        data_origin
    from joined
)

select * from final
