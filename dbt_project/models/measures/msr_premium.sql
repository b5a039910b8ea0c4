-- One row per measure of paid, aided and listed persons, region, scheme and month.
with paid as (
    select * from {{ ref('fct_enrolment__paid') }}
),

subsidised as (
    select * from {{ ref('fct_enrolment__subsidised') }}
    where assisted_group_name = 'all'
),

key_group as (
    select * from {{ ref('fct_enrolment__key_group') }}
    where assisted_group_name = 'all'
),

by_scheme as (
    select
        region_code,
        scheme_code,
        'all' as fund_scope,
        month_end,
        data_origin,
        'preliminary' as report_status,
        paid_persons as paid_up,
        case
            when month(month_end) >= 9 then paid_next_persons
            when month(month_end) <= 2 then paid_persons
        end as paid_season,
        known_on
    from paid
),

by_person as (
    select
        region_code,
        'resident' as scheme_code,
        'all' as fund_scope,
        month_end,
        data_origin,
        'preliminary' as report_status,
        subsidised_persons as subsidised,
        subsidy_yuan as subsidy,
        roster_persons as subsidy_listed,
        roster_subsidised_persons as subsidised_listed,
        cast(null as bigint) as key_group_uninsured,
        known_on
    from subsidised
    union all
    select
        region_code,
        'all' as scheme_code,
        'all' as fund_scope,
        month_end,
        data_origin,
        'preliminary' as report_status,
        cast(null as bigint) as subsidised,
        cast(null as decimal(24, 2)) as subsidy,
        cast(null as bigint) as subsidy_listed,
        cast(null as bigint) as subsidised_listed,
        roster_persons - insured_persons as key_group_uninsured,
        known_on
    from key_group
),

final as (
    {{ measure_rows('by_scheme', ['paid_up', 'paid_season']) }}
    union all
    {{
        measure_rows(
            'by_person',
            [
                'subsidised', 'subsidy', 'subsidy_listed', 'subsidised_listed',
                'key_group_uninsured',
            ]
        )
    }}
)

select * from final
where number is not null
