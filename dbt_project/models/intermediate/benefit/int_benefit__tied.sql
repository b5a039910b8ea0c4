-- One row per settlement that counts together with others: refunds, and parts of a stay.
with named as (
    select settlement_id from {{ ref('int_benefit__refunds') }}
    union
    select settlement_id from {{ ref('int_benefit__segments') }}
),

final as (
    select * from {{ ref('stg_platform__settlement') }}
    where settlement_id in (select named.settlement_id from named)
)

select * from final
