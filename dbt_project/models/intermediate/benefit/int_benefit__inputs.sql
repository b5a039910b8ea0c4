-- One row per input of the monthly sums beside settlements, key that says which, and day.
-- What incremental models read besides settlements and seeds stands here, or they keep what they
-- read before: a test compares the two. A content holds from its day until the key's next one.
with tied as (
    select * from {{ ref('int_benefit__tied') }}
),

resolved as (
    select * from {{ ref('int_benefit__resolved') }}
),

institution as (
    select * from {{ ref('stg_platform__institution') }}
),

person_key as (
    select * from {{ ref('stg_platform__person_key') }}
),

roster as (
    select * from {{ ref('stg_platform__roster') }}
),

settlement_list as (
    select * from {{ ref('stg_platform__grouping') }}
),

paying_institution as (
    select * from {{ ref('int_benefit__paying_institutions') }}
),

cleared_by_case as (
    select * from {{ ref('int_benefit__cleared_by_case') }}
),

final as (
    select
        'tied' as input,
        cast(settlement_month as varchar) as row_key,
        date '1900-01-01' as valid_from,
        {{ sum_of_contents(ref('int_benefit__tied')) }} as content
    from tied
    group by settlement_month
    union all
    select
        'resolved' as input,
        cast(settlement_month as varchar) as row_key,
        date '1900-01-01' as valid_from,
        {{ sum_of_contents(ref('int_benefit__resolved'), with_known_on=true) }} as content
    from resolved
    group by settlement_month
    union all
    select
        'roster' as input,
        cast(roster_month as varchar) as row_key,
        date '1900-01-01' as valid_from,
        {{ sum_of_contents(ref('stg_platform__roster')) }} as content
    from roster
    group by roster_month
    union all
    select
        'person' as input,
        psn_no as row_key,
        date '1900-01-01' as valid_from,
        {{ content_of(ref('stg_platform__person_key')) }} as content
    from person_key
    where psn_key in (select roster.psn_key from roster)
    union all
    select
        'institution' as input,
        institution_code as row_key,
        valid_from_date as valid_from,
        {{ content_of(ref('stg_platform__institution'), ['valid_from_date', 'valid_before_date']) }}
            as content
    from institution
    union all
    select
        'paying_institution' as input,
        institution_code as row_key,
        first_month as valid_from,
        {{ content_of(ref('int_benefit__paying_institutions'), ['first_month']) }} as content
    from paying_institution
    union all
    select
        'cleared_by_case' as input,
        cast(clearing_month as varchar) as row_key,
        date '1900-01-01' as valid_from,
        {{ sum_of_contents(ref('int_benefit__cleared_by_case')) }} as content
    from cleared_by_case
    group by clearing_month
    union all
    select
        'settlement_list' as input,
        coalesce(cast(discharge_month as varchar), '') as row_key,
        date '1900-01-01' as valid_from,
        {{ sum_of_contents(ref('stg_platform__grouping'), with_known_on=true) }} as content
    from settlement_list
    group by discharge_month
)

select * from final
