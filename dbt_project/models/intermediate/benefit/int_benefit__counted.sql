-- One row per settlement that counts, in the month where it does (E02), with the sign of its visit.
{{ config(materialized='view') }}
with settlement as (
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

pair as (
    select
        refund.settlement_id as refund_id,
        original.settlement_id as original_id,
        original.settlement_month as original_month,
        coalesce(refund.known_on > month_lock.locked_on, false) as is_after_lock
    from refund
    inner join settlement as original
        on refund.refunded_settlement_id = original.settlement_id
    left join month_lock on original.settlement_month = month_lock.month
    qualify row_number() over (
        partition by original.settlement_id order by refund.known_on, refund.settlement_id
    ) = 1
),

final as (
    select
        settlement.*,
        case when settlement.refunded_settlement_id is null then 1 else -1 end as visits,
        settlement.refunded_settlement_id is not null as is_adjustment,
        coalesce(as_refund.original_month, settlement.settlement_month) as original_month
    from settlement
    left join pair as as_original on settlement.settlement_id = as_original.original_id
    left join pair as as_refund on settlement.settlement_id = as_refund.refund_id
    where
        case
            when settlement.refunded_settlement_id is not null
                then coalesce(as_refund.is_after_lock, false)
            when as_original.original_id is not null then as_original.is_after_lock
            else not settlement.is_refund_flagged
        end
)

select * from final
