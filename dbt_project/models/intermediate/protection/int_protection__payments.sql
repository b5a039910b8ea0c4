-- One row per household, or person without one, and month: own payments.
{{ config(materialized='view') }}
with person_keyed as (
    select * from {{ ref('int_benefit__person_keyed') }}
    where scheme_code in ('employee', 'resident')
),

unit as (
    select * from {{ ref('int_protection__units') }}
),

final as (
    select
        coalesce(unit.unit_key, person_keyed.psn_key) as unit_key,
        person_keyed.month_start,
        person_keyed.data_origin,
        max(unit.unit_key) is not null as is_household,
        max(coalesce(unit.household_persons, 1)) as household_persons,
        max(person_keyed.region_code) as region_code,
        max(person_keyed.scheme_code) as scheme_code,
        sum(person_keyed.person_yuan) as person_yuan,
        max(person_keyed.known_on) as known_on
    from person_keyed
    left join unit on person_keyed.psn_key = unit.psn_key
    group by
        coalesce(unit.unit_key, person_keyed.psn_key),
        person_keyed.month_start,
        person_keyed.data_origin
)

select * from final
