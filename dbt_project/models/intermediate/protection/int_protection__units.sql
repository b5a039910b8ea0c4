-- One row per person with a household: that of the newest roster that names one.
with roster as (
    select * from {{ ref('stg_platform__roster') }}
    where household_id is not null
),

ranked as (
    select
        psn_key,
        household_id,
        row_number() over (partition by psn_key order by roster_month desc, household_id) as newness
    from roster
),

final as (
    select
        psn_key,
        'household ' || household_id as unit_key,
        count(*) over (partition by household_id) as household_persons
    from ranked
    where newness = 1
)

select * from final
