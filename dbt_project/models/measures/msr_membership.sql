-- One row per measure of duplicates, renewal and key groups, region, scheme and month.
with duplicate as (
    select * from {{ ref('fct_enrolment__duplicate') }}
),

renewal as (
    select * from {{ ref('fct_enrolment__renewal') }}
),

key_group as (
    select * from {{ ref('fct_enrolment__key_group') }}
    where assisted_group_name = 'all'
),

insured as (
    select * from {{ ref('fct_enrolment__month_end') }}
),

counted as (
    select
        region_code,
        month_end,
        data_origin,
        duplicate_persons,
        known_on
    from duplicate
    union all
    select
        region_code,
        month_end,
        data_origin,
        0 as duplicate_persons,
        known_on
    from insured
),

wide as (
    select
        region_code,
        'all' as scheme_code,
        month_end,
        data_origin,
        cast(sum(duplicate_persons) as bigint) as duplicate_persons,
        cast(null as bigint) as renewal_base,
        cast(null as bigint) as renewed,
        cast(null as bigint) as lapsed,
        cast(null as bigint) as key_group,
        cast(null as bigint) as key_group_insured,
        max(known_on) as known_on
    from counted
    group by region_code, month_end, data_origin
    union all
    select
        region_code,
        scheme_code,
        make_date(enrolment_year, 3, 31) as month_end,
        data_origin,
        cast(null as bigint) as duplicate_persons,
        insured_before_persons - died_persons as renewal_base,
        renewed_persons as renewed,
        lapsed_persons as lapsed,
        cast(null as bigint) as key_group,
        cast(null as bigint) as key_group_insured,
        known_on
    from renewal
    union all
    select
        region_code,
        'all' as scheme_code,
        month_end,
        data_origin,
        cast(null as bigint) as duplicate_persons,
        cast(null as bigint) as renewal_base,
        cast(null as bigint) as renewed,
        cast(null as bigint) as lapsed,
        roster_persons as key_group,
        insured_persons as key_group_insured,
        known_on
    from key_group
),

dated as (
    select
        *,
        'all' as fund_scope,
        'preliminary' as report_status
    from wide
),

final as (
    {{
        measure_rows(
            'dated',
            [
                'duplicate_persons', 'renewal_base', 'renewed', 'lapsed', 'key_group',
                'key_group_insured',
            ]
        )
    }}
)

select * from final
where number is not null
