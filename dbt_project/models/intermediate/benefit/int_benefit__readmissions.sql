-- One row per stay that another of the person followed within 30 days: days to the next ones.
with stay as (
    select
        stay.*,
        coalesce(person_key.psn_key, stay.psn_no) as psn_key,
        coalesce(grouped.diagnosis_code, stay.disease_code) as diagnosis_code,
        coalesce(grouped.discharge_way_code in ('2', '3'), false) as is_transferred
    from {{ ref('int_benefit__stays') }} as stay
    left join {{ ref('stg_platform__person_key') }} as person_key
        on stay.psn_no = person_key.psn_no
    left join {{ ref('stg_platform__grouping') }} as grouped
        on stay.settlement_id = grouped.settlement_id
),

pair as (
    select
        stay.settlement_id,
        later.settlement_id as return_id,
        stay.discharged_date,
        {{ days_between('stay.discharged_date', 'later.admitted_date') }} as gap_days,
        coalesce(
            stay.diagnosis_code = later.diagnosis_code
            or stay.institution_code = later.institution_code,
            false
        ) as is_readmission,
        coalesce(stay.diagnosis_code = later.diagnosis_code, false)
        and not (
            stay.is_transferred
            or coalesce(substr(stay.diagnosis_code, 1, 3) in ('Z49', 'Z51'), false)
        ) as is_split
    from stay
    inner join stay as later
        on
            stay.psn_key = later.psn_key
            and later.admitted_date >= stay.discharged_date
            and later.admitted_date <= cast(stay.discharged_date + interval 30 day as date)
            and stay.settlement_id <> later.settlement_id
            and (
                stay.admitted_date < later.admitted_date
                or stay.settlement_id < later.settlement_id
            )
    where
        coalesce(stay.visit_id, stay.settlement_id)
        <> coalesce(later.visit_id, later.settlement_id)
),

-- a return follows one stay: the last one that ended before it, where stays overlap
followed as (
    select
        settlement_id,
        case
            when is_readmission and row_number() over (
                partition by return_id, is_readmission
                order by discharged_date desc, settlement_id desc
            ) = 1 then gap_days
        end as readmission_gap_days,
        case
            when is_split and row_number() over (
                partition by return_id, is_split
                order by discharged_date desc, settlement_id desc
            ) = 1 then gap_days
        end as split_gap_days
    from pair
),

final as (
    select
        settlement_id,
        min(readmission_gap_days) as readmission_gap_days,
        min(split_gap_days) as split_gap_days
    from followed
    group by settlement_id
    having min(readmission_gap_days) is not null or min(split_gap_days) is not null
)

select * from final
