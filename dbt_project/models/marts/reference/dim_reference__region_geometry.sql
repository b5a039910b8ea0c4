-- One row per county of the schematic map.
with final as (
    select
        region_code,
        geometry_geojson,
        attribution,
        is_schematic,
        note
    from {{ ref('region_geometry') }}
)

select * from final
