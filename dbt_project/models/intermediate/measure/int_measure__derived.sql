-- One row per measure computed of others after summing, region, scheme, scope and month.
with uninsured as (
    select * from {{ ref('int_measure__uninsured') }}
),

final as (
    select * from uninsured
)

select * from final
