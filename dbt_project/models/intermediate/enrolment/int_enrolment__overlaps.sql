-- One row per person, month and relation in force at its end, where relations overlap.
with relation as (
    select * from {{ ref('int_enrolment__relations') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

overlapping as (
    select distinct psn_key from relation
    where is_overlapping
),

final as (
    select
        relation.*,
        calendar.month_start as state_month,
        row_number() over (
            partition by relation.psn_key, calendar.month_start
            order by relation.scheme_code, relation.begin_date desc, relation.enrolment_id
        ) as preference
    from relation
    inner join overlapping on relation.psn_key = overlapping.psn_key
    inner join calendar
        on
            calendar.month_start >= relation.first_month
            and calendar.month_start < relation.after_month
)

select * from final
