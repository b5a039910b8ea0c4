-- One row per measure of payment by group, region and month: what 12 months to its end show.
with stay_case as (
    select * from {{ ref('int_benefit__cases') }}
    where substr(treatment_region_code, 1, 2) = '46'
),

region as (
    select * from {{ ref('region') }}
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
),

-- 12 months are asked for: before the settlements of 12 months are there, nothing is said
settled as (
    select min(month_end) as first_month_end from {{ ref('fct_benefit__month') }}
),

seen as (
    select
        stay_case.month_end as seen_month_end,
        stay_case.treatment_region_code as region_code,
        stay_case.institution_code,
        case when stay_case.is_grouped then stay_case.group_code end as group_code,
        coalesce(region.in_plan_denominator, false) as is_in_plan,
        coalesce(region.region_level in ('city', 'county'), false) as is_unit,
        stay_case.data_origin,
        bool_or(stay_case.is_paid_by_group) as is_paid,
        max(stay_case.last_known_on) as known_on
    from stay_case
    left join region on stay_case.treatment_region_code = region.region_code
    where stay_case.has_list or stay_case.institution_code is not null
    group by
        stay_case.month_end,
        stay_case.treatment_region_code,
        stay_case.institution_code,
        case when stay_case.is_grouped then stay_case.group_code end,
        coalesce(region.in_plan_denominator, false),
        coalesce(region.region_level in ('city', 'county'), false),
        stay_case.data_origin
),

units as (
    select
        sum(case when in_plan_denominator then 1 else 0 end) as plan_counties,
        sum(case when is_reporting_unit and region_level in ('city', 'county') then 1 else 0 end)
            as reporting_counties
    from region
    where substr(region_code, 1, 2) = '46'
),

wide as (
    select
        case when grouping(seen.region_code) = 1 then '460000' else seen.region_code end
            as region_code,
        'all' as scheme_code,
        'all' as fund_scope,
        calendar.month_end,
        calendar.data_origin,
        'preliminary' as report_status,
        count(distinct seen.institution_code) as inpatient_institutions,
        count(distinct case when seen.is_paid then seen.institution_code end)
            as paid_institutions,
        count(distinct seen.group_code) as seen_groups,
        count(distinct case when seen.is_paid then seen.group_code end) as paid_groups,
        count(distinct case when seen.is_paid and seen.is_in_plan then seen.region_code end)
            as paid_plan_counties,
        count(distinct case when seen.is_paid and seen.is_unit then seen.region_code end)
            as paid_reporting_counties,
        max(units.plan_counties) as plan_counties,
        max(units.reporting_counties) as reporting_counties,
        max(seen.known_on) as known_on
    from calendar
    inner join seen
        on
            calendar.data_origin = seen.data_origin
            and seen.seen_month_end <= calendar.month_end
            and seen.seen_month_end > cast(calendar.month_start - interval 11 month as date)
    cross join units
    cross join settled
    where settled.first_month_end < cast(calendar.month_start - interval 10 month as date)
    group by
        calendar.month_end,
        calendar.data_origin,
        grouping sets ((seen.region_code), ())
),

final as (
    {{
        measure_rows(
            'wide',
            [
                'inpatient_institutions', 'paid_institutions', 'seen_groups', 'paid_groups',
                'paid_plan_counties', 'paid_reporting_counties', 'plan_counties',
                'reporting_counties',
            ]
        )
    }}
)

select * from final
