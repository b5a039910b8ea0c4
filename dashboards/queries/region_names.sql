-- One row per region: its name.
with region as (
    select * from reference.region
),

final as (
    select
        region_code as code,
        region_name as name_zh,
        name_en
    from region
)

select * from final
