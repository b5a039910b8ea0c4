-- One row per person and month with two relations in force that overlap by more than 30 days (E05).
with relation as (
    select
        *,
        first_value(region_code) over person_month as state_region_code,
        first_value(scheme_code) over person_month as state_scheme_code
    from {{ ref('int_enrolment__overlaps') }}
    window person_month as (partition by psn_key, state_month order by preference)
),

final as (
    select
        first_relation.psn_key,
        last_day(first_relation.state_month) as month_end,
        min(first_relation.state_region_code) as region_code,
        min(first_relation.state_scheme_code) as scheme_code,
        bool_or(first_relation.scheme_code <> second_relation.scheme_code) as is_between_schemes,
        first_relation.data_origin,
        max(greatest(first_relation.known_on, second_relation.known_on)) as known_on
    from relation as first_relation
    inner join relation as second_relation
        on
            first_relation.psn_key = second_relation.psn_key
            and first_relation.state_month = second_relation.state_month
            and first_relation.preference < second_relation.preference
            and date_diff(
                'day',
                greatest(first_relation.begin_date, second_relation.begin_date),
                least(first_relation.before_date, second_relation.before_date)
            ) > 30
    group by first_relation.psn_key, first_relation.state_month, first_relation.data_origin
)

select * from final
