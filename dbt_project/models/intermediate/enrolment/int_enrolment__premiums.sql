-- One row per person and benefit year whose resident premium has arrived: when and where.
with contribution as (
    select * from {{ ref('int_enrolment__contributions') }}
    where
        scheme_code = 'resident'
        and is_paid
        and arrival_date is not null
        and region_code is not null
),

final as (
    select
        psn_key,
        cast(substr(first_month_code, 1, 4) as integer) as benefit_year,
        data_origin,
        min(region_code) as region_code,
        min(arrival_date) as arrival_date,
        max(known_on) as known_on
    from contribution
    group by psn_key, substr(first_month_code, 1, 4), data_origin
)

select * from final
