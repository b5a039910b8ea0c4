-- One row per month, region, scheme, kind of person, age band and sex: insured at month-end.
with segment as (
    select * from {{ ref('int_enrolment__segments') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

age_band as (
    select * from {{ ref('age_band') }}
),

aged as (
    select
        segment.*,
        coalesce(age_band.age_band_code, 'unknown') as age_band_code,
        greatest(
            segment.first_month,
            coalesce(
                {{ month_of_age('segment.birth_date', 'nullif(age_band.age_from, 0)') }},
                segment.first_month
            )
        ) as from_month,
        least(
            segment.after_month,
            coalesce(
                {{ month_of_age('segment.birth_date', 'age_band.age_before') }}, segment.after_month
            )
        ) as before_month
    from segment
    left join age_band on segment.birth_date is not null
),

change as (
    select
        *,
        from_month as change_month,
        1 as change_persons
    from aged
    where from_month < before_month
    union all
    select
        *,
        before_month as change_month,
        -1 as change_persons
    from aged
    where from_month < before_month
),

cell_change as (
    select
        {{ enrolment_cell() }},
        change_month,
        sum(change_persons) as change_persons,
        max(known_on) as known_on
    from change
    group by {{ enrolment_cell() }}, change_month
),

cell as (
    select {{ enrolment_cell() }}
    from cell_change
    group by {{ enrolment_cell() }}
),

counted as (
    select
        calendar.month_end,
        {{ enrolment_cell('cell') }},
        sum(coalesce(cell_change.change_persons, 0)) over cell_months as insured_persons,
        max(cell_change.known_on) over cell_months as known_on
    from cell
    cross join calendar
    left join cell_change
        on
            {{ same_cell('cell', 'cell_change') }}
            and calendar.month_start = cell_change.change_month
    window cell_months as (
        partition by {{ enrolment_cell('cell') }}
        order by calendar.month_end
        rows between unbounded preceding and current row
    )
),

final as (
    select
        month_end,
        {{ enrolment_cell() }},
        cast(insured_persons as bigint) as insured_persons,
        known_on
    from counted
    where insured_persons <> 0 and month_end <= {{ last_known('enrolment') }}
)

select * from final
