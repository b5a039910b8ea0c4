-- One row per month, region and pair of schemes: persons enrolled twice for more than 30 days.
with duplicate as (
    select * from {{ ref('int_enrolment__duplicates') }}
),

final as (
    select
        month_end,
        region_code,
        case when is_between_schemes then 'employee_resident' else 'same_scheme' end as pair_code,
        data_origin,
        cast(count(*) as bigint) as duplicate_persons,
        max(known_on) as known_on
    from duplicate
    group by
        month_end,
        region_code,
        case when is_between_schemes then 'employee_resident' else 'same_scheme' end,
        data_origin
)

select * from final
