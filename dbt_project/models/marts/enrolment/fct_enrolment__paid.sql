-- One row per month, region and scheme: persons whose contribution of the year has arrived by then.
with premium as (
    select * from {{ ref('int_enrolment__premiums') }}
),

stretch as (
    select * from {{ ref('int_enrolment__paid_stretches') }}
),

insured as (
    select * from {{ ref('fct_enrolment__month_end') }}
    where scheme_code = 'employee'
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
    where
        month_end <= {{ last_known('contribution') }}
        and make_date(year(month_end), 1, 31) >= (select min(premium.arrival_date) from premium)
),

counted as (
    select
        calendar.month_end,
        stretch.region_code,
        'resident' as scheme_code,
        stretch.data_origin,
        sum(case when not stretch.is_next then stretch.persons end) as paid_persons,
        sum(case when stretch.is_next then stretch.persons end) as paid_next_persons,
        max(stretch.known_on) as known_on
    from stretch
    inner join calendar
        on
            calendar.month_start >= stretch.from_month
            and calendar.month_start < stretch.before_month
    group by calendar.month_end, stretch.region_code, stretch.data_origin
    union all
    select
        insured.month_end,
        insured.region_code,
        insured.scheme_code,
        insured.data_origin,
        sum(insured.insured_persons) as paid_persons,
        case when month(insured.month_end) >= 9 then sum(insured.insured_persons) end
            as paid_next_persons,
        max(insured.known_on) as known_on
    from insured
    inner join calendar on insured.month_end = calendar.month_end
    where year(insured.month_end) in (select premium.benefit_year from premium)
    group by insured.month_end, insured.region_code, insured.scheme_code, insured.data_origin
),

final as (
    select
        month_end,
        region_code,
        scheme_code,
        data_origin,
        cast(coalesce(paid_persons, 0) as bigint) as paid_persons,
        cast(
            case when month(month_end) >= 9 then coalesce(paid_next_persons, 0) end as bigint
        ) as paid_next_persons,
        known_on
    from counted
)

select * from final
