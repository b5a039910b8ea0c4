-- One row per month: premiums of residents that arrived by its end for later years.
with contribution as (
    select * from {{ ref('int_enrolment__contributions') }}
    where scheme_code = 'resident' and is_paid and arrival_date is not null
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
    where month_end <= {{ last_known('contribution') }}
),

arrived as (
    select
        last_day(arrival_date) as arrival_month_end,
        cast(substr(first_month_code, 1, 4) as integer) as benefit_year,
        data_origin,
        sum(amount_yuan) as amount_yuan,
        max(known_on) as known_on
    from contribution
    group by last_day(arrival_date), substr(first_month_code, 1, 4), data_origin
),

final as (
    select
        calendar.month_end,
        calendar.data_origin,
        cast(
            sum(
                case
                    when
                        arrived.arrival_month_end <= calendar.month_end
                        and arrived.benefit_year > year(calendar.month_end)
                        then arrived.amount_yuan
                    else 0
                end
            ) as decimal(24, 2)
        ) as advance_yuan,
        max(arrived.known_on) as known_on
    from calendar
    inner join arrived on calendar.data_origin = arrived.data_origin
    group by calendar.month_end, calendar.data_origin
)

select * from final
