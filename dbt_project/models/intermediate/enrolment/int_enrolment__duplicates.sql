-- One row per person and month with two relations in force that overlap by more than 30 days (E05).
with relation as (
    select * from {{ ref('int_enrolment__overlaps') }}
),

final as (
    select
        first_relation.psn_key,
        last_day(first_relation.state_month) as month_end,
        min(case when first_relation.preference = 1 then first_relation.region_code end)
            as region_code,
        min(case when first_relation.preference = 1 then first_relation.scheme_code end)
            as scheme_code,
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
                least(first_relation.end_date, second_relation.end_date)
            ) > 30
    group by first_relation.psn_key, first_relation.state_month, first_relation.data_origin
    having min(first_relation.preference) = 1
)

select * from final
