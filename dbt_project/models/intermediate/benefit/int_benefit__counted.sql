-- One row per settlement that counts, in the month where it does (E02), with the sign of its visit.
{{ config(materialized='view') }}
with recursive settlement as (
    select * from {{ ref('stg_platform__settlement') }}
    where is_valid
),

month_lock as (
    select * from {{ source('raw', 'month_lock') }}
),

first_delivery as (
    select
        record.setl_id as settlement_id,
        min(batch.known_on) as known_on
    from {{ source('raw', 'settlement') }} as record
    inner join {{ ref('stg_published__batch') }} as batch on record._batch_id = batch.batch_id
    where record.init_setl_id is not null
    group by record.setl_id
),

refund as (
    select
        settlement.settlement_id,
        settlement.refunded_settlement_id,
        first_delivery.known_on
    from settlement
    inner join first_delivery on settlement.settlement_id = first_delivery.settlement_id
    where settlement.refunded_settlement_id is not null
),

paired as (
    select
        refund.settlement_id as refund_id,
        original.settlement_id as original_id,
        original.settlement_month as original_month,
        coalesce(refund.known_on > month_lock.locked_on, false) as is_after_lock,
        row_number() over (
            partition by original.settlement_id order by refund.known_on, refund.settlement_id
        ) as precedence
    from refund
    inner join settlement as original
        on refund.refunded_settlement_id = original.settlement_id
    left join month_lock on original.settlement_month = month_lock.month
),

pair as (
    select
        refund_id,
        original_id,
        original_month,
        is_after_lock
    from paired
    where precedence = 1
),

resolved as (
    select
        pair.refund_id,
        pair.original_id,
        pair.original_month,
        not pair.is_after_lock as is_removed,
        false as is_void
    from pair
    left join pair as later on pair.refund_id = later.original_id
    where later.refund_id is null
    union all
    select
        pair.refund_id,
        pair.original_id,
        pair.original_month,
        not pair.is_after_lock and not resolved.is_removed as is_removed,
        resolved.is_removed as is_void
    from resolved
    inner join pair on resolved.original_id = pair.refund_id
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
    left join resolved as as_original on settlement.settlement_id = as_original.original_id
    left join resolved as as_refund on settlement.settlement_id = as_refund.refund_id
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
