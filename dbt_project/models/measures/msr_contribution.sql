-- One row per measure of contributions due and paid, region, scheme and month; nil included.
with contribution as (
    select * from {{ ref('fct_enrolment__contribution') }}
    where is_due_stated
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

due_year as (
    select
        region_code,
        scheme_code,
        year(month_end) as due_year,
        data_origin,
        max(known_on) as known_on
    from contribution
    group by region_code, scheme_code, year(month_end), data_origin
),

dated as (
    select
        due_year.region_code,
        due_year.scheme_code,
        'all' as fund_scope,
        calendar.month_end,
        due_year.data_origin,
        'preliminary' as report_status,
        coalesce(contribution.due_yuan, 0) as premium_due,
        coalesce(contribution.paid_yuan, 0) as premium_paid,
        coalesce(contribution.due_persons, 0) as premium_due_persons,
        coalesce(contribution.paid_persons, 0) as premium_paid_persons,
        coalesce(contribution.owing_persons, 0) as premium_owing_persons,
        coalesce(contribution.known_on, due_year.known_on) as known_on
    from due_year
    inner join calendar
        on
            due_year.due_year = year(calendar.month_end)
            and due_year.data_origin = calendar.data_origin
    left join contribution
        on
            due_year.region_code = contribution.region_code
            and due_year.scheme_code = contribution.scheme_code
            and due_year.data_origin = contribution.data_origin
            and calendar.month_end = contribution.month_end
),

final as (
    {{
        measure_rows(
            'dated',
            [
                'premium_due', 'premium_paid', 'premium_due_persons', 'premium_paid_persons',
                'premium_owing_persons',
            ]
        )
    }}
)

select * from final
