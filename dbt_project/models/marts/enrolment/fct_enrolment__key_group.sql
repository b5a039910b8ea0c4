-- One row per month, region and group: persons on the roster and how many are insured.
with roster as (
    select * from {{ ref('stg_platform__roster') }}
),

segment as (
    select * from {{ ref('int_enrolment__segments') }}
),

listed as (
    select
        roster.*,
        segment.psn_key is not null as is_insured
    from roster
    left join segment
        on
            roster.psn_key = segment.psn_key
            and roster.roster_month >= segment.first_month
            and roster.roster_month < segment.after_month
),

grouped as (
    select
        psn_key,
        roster_month,
        assisted_group_name,
        region_code,
        data_origin,
        is_insured,
        known_on
    from listed
    union all
    select
        psn_key,
        roster_month,
        'all' as assisted_group_name,
        min(region_code) as region_code,
        data_origin,
        bool_or(is_insured) as is_insured,
        max(known_on) as known_on
    from listed
    group by psn_key, roster_month, data_origin
),

final as (
    select
        last_day(roster_month) as month_end,
        region_code,
        assisted_group_name,
        data_origin,
        cast(count(*) as bigint) as roster_persons,
        cast(sum(case when is_insured then 1 else 0 end) as bigint) as insured_persons,
        {{ ratio('sum(case when is_insured then 1 else 0 end)', 'count(*)') }} as enrolment_rate,
        max(known_on) as known_on
    from grouped
    where region_code is not null
    group by last_day(roster_month), region_code, assisted_group_name, data_origin
)

select * from final
