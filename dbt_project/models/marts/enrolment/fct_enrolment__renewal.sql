-- One row per year, region and scheme: of the insured of last December, who still is in March.
with segment as (
    select * from {{ ref('int_enrolment__segments') }}
),

season as (
    select
        year(month_end) as enrolment_year,
        month_start as after_season_month,
        cast(month_start - interval 3 month as date) as december_month
    from {{ ref('int_calendar__months') }}
    where month(month_end) = 3 and month_end <= {{ last_known('enrolment') }}
),

before_season as (
    select
        season.enrolment_year,
        season.after_season_month,
        segment.psn_key,
        segment.region_code,
        segment.scheme_code,
        segment.data_origin,
        segment.known_on,
        coalesce(segment.survival_code, '1') = '2' as is_dead
    from season
    inner join segment
        on
            season.december_month >= segment.first_month
            and season.december_month < segment.after_month
),

after_season as (
    select
        season.enrolment_year,
        segment.psn_key
    from season
    inner join segment
        on
            season.after_season_month >= segment.first_month
            and season.after_season_month < segment.after_month
),

final as (
    select
        cast(before_season.enrolment_year as integer) as enrolment_year,
        before_season.region_code,
        before_season.scheme_code,
        before_season.data_origin,
        cast(count(*) as bigint) as insured_before_persons,
        cast(count(after_season.psn_key) as bigint) as renewed_persons,
        cast(
            sum(case when after_season.psn_key is null and before_season.is_dead then 1 else 0 end)
            as bigint
        ) as died_persons,
        cast(
            sum(
                case
                    when after_season.psn_key is null and not before_season.is_dead then 1 else 0
                end
            ) as bigint
        ) as lapsed_persons,
        max(before_season.known_on) as known_on
    from before_season
    left join after_season
        on
            before_season.enrolment_year = after_season.enrolment_year
            and before_season.psn_key = after_season.psn_key
    group by
        before_season.enrolment_year,
        before_season.region_code,
        before_season.scheme_code,
        before_season.data_origin
)

select * from final
