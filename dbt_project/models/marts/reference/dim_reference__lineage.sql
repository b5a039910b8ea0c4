-- One row per table and table or page that is made directly from it.
with edge (parent_name, parent_layer, child_name, child_layer, child_label) as (
    values {{ lineage_rows() }}
),

final as (
    select
        parent_name,
        parent_layer,
        child_name,
        child_layer,
        child_label
    from edge
)

select * from final
