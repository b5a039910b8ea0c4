-- One row per person and stretch of months in one state: at most one state at any month-end (E05).
{{ config(materialized='view') }}
with relation as (
    select * from {{ ref('int_enrolment__relations') }}
),

overlap as (
    select * from {{ ref('int_enrolment__overlaps') }}
),

horizon as (
    select
        min(month_start) as first_month,
        max(month_start) as last_month
    from {{ ref('int_calendar__months') }}
),

overlapping as (
    select psn_key from overlap
    group by psn_key
),

single as (
    select relation.* from relation
    left join overlapping on relation.psn_key = overlapping.psn_key
    where overlapping.psn_key is null
),

unioned as (
    select
        psn_key,
        scheme_code,
        region_code,
        person_group_code,
        is_retired,
        is_flexible,
        sex_code,
        birth_date,
        survival_code,
        first_month,
        after_month,
        known_on,
        data_origin
    from single
    union all
    select
        psn_key,
        scheme_code,
        region_code,
        person_group_code,
        is_retired,
        is_flexible,
        sex_code,
        birth_date,
        survival_code,
        state_month as first_month,
        cast(state_month + interval 1 month as date) as after_month,
        known_on,
        data_origin
    from overlap
    where preference = 1
),

final as (
    select
        unioned.* replace (
            greatest(unioned.first_month, horizon.first_month) as first_month,
            least(unioned.after_month, cast(horizon.last_month + interval 1 month as date))
                as after_month
        )
    from unioned
    cross join horizon
    where
        unioned.first_month <= horizon.last_month
        and unioned.after_month > horizon.first_month
        and unioned.first_month < unioned.after_month
)

select * from final
