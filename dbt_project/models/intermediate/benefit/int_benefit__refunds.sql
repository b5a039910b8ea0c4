-- One row per refund and the settlement it takes back: do both leave, or neither count (E02).
with recursive refund_row as (
    select
        settlement_id,
        refunded_settlement_id
    from {{ ref('stg_platform__settlement') }}
    where is_valid and refunded_settlement_id is not null
),

original as (
    select
        settlement_id,
        settlement_month
    from {{ ref('stg_platform__settlement') }}
    where
        is_valid
        and settlement_id in (select refund_row.refunded_settlement_id from refund_row)
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

paired as (
    select
        refund.settlement_id as refund_id,
        original.settlement_id as original_id,
        original.settlement_month as original_month,
        coalesce(first_delivery.known_on > month_lock.locked_on, false) as is_after_lock,
        row_number() over (
            partition by original.settlement_id
            order by first_delivery.known_on, refund.settlement_id
        ) as precedence
    from refund_row as refund
    inner join first_delivery on refund.settlement_id = first_delivery.settlement_id
    inner join original on refund.refunded_settlement_id = original.settlement_id
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
)

select * from resolved
