-- One row per base unit and printed unit ('' where no table prints one): the unit of a sentence.
with display_unit as (
    select * from {{ ref('dim_reference__display_unit') }}
),

unit as (
    select * from {{ ref('unit') }}
),

final as (
    select
        unit,
        '' as printed_unit,
        name_zh,
        name_en,
        cast(display_factor as decimal(18, 10)) as display_factor
    from display_unit
    union all
    select
        base_unit as unit,
        printed_unit,
        name_zh,
        name_en,
        cast(1.0 / factor as decimal(18, 10)) as display_factor
    from unit
)

select * from final
