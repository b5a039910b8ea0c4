-- One row per region, kind of year and stretch of months: paid residents less employees among them.
with premium as (
    select * from {{ ref('int_enrolment__premiums') }}
),

segment as (
    select * from {{ ref('int_enrolment__segments') }}
    where scheme_code = 'employee'
),

season as (
    select
        premium.*,
        false as is_next,
        greatest(
            cast(date_trunc('month', arrival_date) as date), make_date(benefit_year, 1, 1)
        ) as from_month,
        make_date(benefit_year + 1, 1, 1) as before_month
    from premium
    union all
    select
        premium.*,
        true as is_next,
        greatest(
            cast(date_trunc('month', arrival_date) as date), make_date(benefit_year - 1, 9, 1)
        ) as from_month,
        make_date(benefit_year, 1, 1) as before_month
    from premium
),

unioned as (
    select
        region_code,
        is_next,
        data_origin,
        from_month,
        before_month,
        1 as persons,
        known_on
    from season
    where from_month < before_month
    union all
    select
        season.region_code,
        season.is_next,
        season.data_origin,
        greatest(season.from_month, segment.first_month) as from_month,
        least(season.before_month, segment.after_month) as before_month,
        -1 as persons,
        segment.known_on
    from season
    inner join segment
        on
            season.psn_key = segment.psn_key
            and season.from_month < segment.after_month
            and season.before_month > segment.first_month
),

final as (
    select
        region_code,
        is_next,
        data_origin,
        from_month,
        before_month,
        cast(sum(persons) as bigint) as persons,
        max(known_on) as known_on
    from unioned
    group by region_code, is_next, data_origin, from_month, before_month
)

select * from final
