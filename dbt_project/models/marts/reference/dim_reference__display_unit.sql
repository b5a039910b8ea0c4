-- One row per stored unit: how it is shown on screen.
with final as (
    select
        unit,
        cast(display_factor as decimal(20, 10)) as display_factor,
        decimals,
        name_zh,
        name_en,
        change_kind
    from {{ ref('display_unit') }}
)

select * from final
