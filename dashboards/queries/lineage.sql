-- One row per table and table or page that is made directly from it, raw tables first.
with lineage as (
    select * from reference.lineage
),

final as (
    select
        parent_name,
        child_name,
        child_layer,
        child_label
    from lineage
    order by parent_name, child_name
)

select * from final
