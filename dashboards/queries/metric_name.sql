-- One row per indicator: its name.
with registry as (
    select * from indicator.registry
),

final as (
    select
        metric_key as code,
        name_zh,
        name_en
    from registry
)

select * from final
