-- One row per settlement that counts, in the month where it does (E02), with the sign of its visit.
{{ config(materialized='view') }}
with settlement as (
    select * from {{ ref('stg_platform__settlement') }}
    where is_valid
),

refund as (
    select * from {{ ref('int_benefit__refunds') }}
),

final as (
    select
        settlement.*,
        case
            when settlement.refunded_settlement_id is null or settlement.fee_yuan > 0 then 1
            else -1
        end as visits,
        settlement.refunded_settlement_id is not null as is_adjustment,
        coalesce(not as_original.is_void, false) as is_taken_back,
        coalesce(as_refund.original_month, settlement.settlement_month) as original_month
    from settlement
    left join refund as as_original on settlement.settlement_id = as_original.original_id
    left join refund as as_refund on settlement.settlement_id = as_refund.refund_id
    where
        case
            when
                coalesce(as_original.is_removed, false) or coalesce(as_refund.is_removed, false)
                then false
            when settlement.refunded_settlement_id is not null
                then as_refund.refund_id is not null
            when as_original.original_id is not null then true
            else not settlement.is_refund_flagged
        end
)

select * from final
