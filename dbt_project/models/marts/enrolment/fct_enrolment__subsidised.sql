-- One row per month, region and group: entitled persons whose premium of the year was aided.
with aid as (
    select * from {{ ref('int_enrolment__aids') }}
),

roster as (
    select * from {{ ref('stg_platform__roster') }}
    where
        region_code is not null
        and year(roster_month) in (select aid.benefit_year from aid)
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
    where month_end <= {{ last_known('contribution') }}
),

listed_year as (
    select
        psn_key,
        year(roster_month) as roster_year
    from roster
    group by psn_key, year(roster_month)
),

aided as (
    select aid.* from aid
    left join listed_year
        on aid.psn_key = listed_year.psn_key and aid.benefit_year = listed_year.roster_year
    where aid.is_entitled or listed_year.psn_key is not null
),

grouped as (
    select
        psn_key,
        roster_month,
        'all' as assisted_group_name,
        min(region_code) as region_code,
        data_origin,
        max(known_on) as known_on
    from roster
    group by psn_key, roster_month, data_origin
    union all
    select
        psn_key,
        roster_month,
        assisted_group_name,
        region_code,
        data_origin,
        known_on
    from roster
),

unioned as (
    select
        calendar.month_end,
        aided.region_code,
        'all' as assisted_group_name,
        aided.data_origin,
        aided.subsidy_yuan,
        false as is_listed,
        true as is_aided,
        aided.known_on
    from aided
    inner join calendar
        on
            aided.benefit_year = year(calendar.month_end)
            and aided.arrival_date <= calendar.month_end
            and coalesce(aided.next_arrival_date, date '9999-12-31') > calendar.month_end
    union all
    select
        calendar.month_end,
        grouped.region_code,
        grouped.assisted_group_name,
        grouped.data_origin,
        case when grouped.assisted_group_name <> 'all' then aided.subsidy_yuan end as subsidy_yuan,
        true as is_listed,
        aided.psn_key is not null as is_aided,
        grouped.known_on
    from grouped
    inner join calendar on grouped.roster_month = calendar.month_start
    left join aided
        on
            grouped.psn_key = aided.psn_key
            and year(grouped.roster_month) = aided.benefit_year
            and aided.arrival_date <= calendar.month_end
            and coalesce(aided.next_arrival_date, date '9999-12-31') > calendar.month_end
),

final as (
    select
        month_end,
        region_code,
        assisted_group_name,
        data_origin,
        cast(
            sum(case when is_aided and (not is_listed or assisted_group_name <> 'all') then 1 end)
            as bigint
        ) as subsidised_persons,
        cast(sum(case when is_listed then 1 end) as bigint) as roster_persons,
        cast(
            sum(case when is_listed then case when is_aided then 1 else 0 end end) as bigint
        ) as roster_subsidised_persons,
        cast(sum(subsidy_yuan) as decimal(24, 2)) as subsidy_yuan,
        max(known_on) as known_on
    from unioned
    group by month_end, region_code, assisted_group_name, data_origin
)

select * from final
