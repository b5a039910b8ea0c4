-- One row per person, month and relation in force at its end, where relations overlap.
with relation as (
    select * from {{ ref('int_enrolment__relations') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
    where month_end <= {{ last_known('enrolment') }}
),

several as (
    select psn_key from relation
    group by psn_key
    having count(*) > 1
),

compared as (
    select
        relation.psn_key,
        relation.begin_date < max(relation.before_date) over (
            partition by relation.psn_key
            order by relation.begin_date, relation.before_date, relation.enrolment_id
            rows between unbounded preceding and 1 preceding
        ) as is_overlapping
    from relation
    inner join several on relation.psn_key = several.psn_key
),

overlapping as (
    select psn_key from compared
    where is_overlapping
    group by psn_key
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
