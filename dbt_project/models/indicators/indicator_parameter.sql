-- One row per parameter of benefits and risk, scheme and day from which it holds.
with final as (
    select
        parameter_key,
        scheme_code,
        valid_from as valid_from_date,
        value,
        unit,
        meaning_zh,
        meaning_en,
        evidence
    from {{ ref('benefit_parameter') }}
)

select * from final
