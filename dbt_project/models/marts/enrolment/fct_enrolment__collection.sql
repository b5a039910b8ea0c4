-- One row per benefit year, region and day: residents whose premium has arrived by then.
with paid as (
    select * from {{ ref('int_enrolment__premiums') }}
),

daily as (
    select
        region_code,
        benefit_year,
        data_origin,
        arrival_date,
        count(*) as new_persons,
        max(known_on) as known_on
    from paid
    group by region_code, benefit_year, data_origin, arrival_date
),

cumulated as (
    select
        *,
        sum(new_persons) over season_days as paid_persons,
        max(known_on) over season_days as season_known_on,
        cast(arrival_date - interval 1 year as date) as same_date_before
    from daily
    window season_days as (
        partition by region_code, benefit_year, data_origin
        order by arrival_date
        rows between unbounded preceding and current row
    )
),

final as (
    select
        present.benefit_year,
        present.region_code,
        present.arrival_date,
        present.data_origin,
        cast(present.new_persons as bigint) as new_persons,
        cast(present.paid_persons as bigint) as paid_persons,
        cast(max(past.paid_persons) as bigint) as paid_persons_last_year,
        max(present.season_known_on) as known_on
    from cumulated as present
    left join cumulated as past
        on
            present.region_code = past.region_code
            and present.data_origin = past.data_origin
            and present.benefit_year = past.benefit_year + 1
            and past.arrival_date <= present.same_date_before
    group by
        present.benefit_year,
        present.region_code,
        present.arrival_date,
        present.data_origin,
        present.new_persons,
        present.paid_persons
)

select * from final
