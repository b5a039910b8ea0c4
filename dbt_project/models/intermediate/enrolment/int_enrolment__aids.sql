-- One row per person, benefit year and day on which aid arrived: the aid of the year by then.
with contribution as (
    select * from {{ ref('int_enrolment__contributions') }}
    where
        scheme_code = 'resident'
        and is_paid
        and arrival_date is not null
        and region_code is not null
),

entitled as (
    select
        psn_key,
        substr(first_month_code, 1, 4) as year_code,
        data_origin,
        bool_or(is_entitled) as is_entitled
    from contribution
    group by psn_key, substr(first_month_code, 1, 4), data_origin
),

daily as (
    select
        contribution.psn_key,
        cast(entitled.year_code as integer) as benefit_year,
        contribution.data_origin,
        contribution.arrival_date,
        min(contribution.region_code) as region_code,
        sum(contribution.subsidy_yuan) as subsidy_yuan,
        bool_or(entitled.is_entitled) as is_entitled,
        max(contribution.known_on) as known_on
    from contribution
    inner join entitled
        on
            contribution.psn_key = entitled.psn_key
            and substr(contribution.first_month_code, 1, 4) = entitled.year_code
            and contribution.data_origin = entitled.data_origin
    where contribution.subsidy_yuan > 0
    group by
        contribution.psn_key,
        entitled.year_code,
        contribution.data_origin,
        contribution.arrival_date
),

final as (
    select
        psn_key,
        benefit_year,
        data_origin,
        arrival_date,
        lead(arrival_date) over person_year as next_arrival_date,
        min(region_code) over (partition by psn_key, benefit_year, data_origin) as region_code,
        cast(sum(subsidy_yuan) over person_year as decimal(18, 2)) as subsidy_yuan,
        is_entitled,
        known_on
    from daily
    window person_year as (
        partition by psn_key, benefit_year, data_origin
        order by arrival_date
        rows between unbounded preceding and current row
    )
)

select * from final
