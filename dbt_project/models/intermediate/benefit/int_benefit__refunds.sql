-- One row per settlement that refunds or is refunded, at any depth: in which month it counts (E02).
with recursive settlement as (
    select
        settlement_id,
        refunded_settlement_id,
        settlement_month,
        fee_yuan
    from {{ ref('stg_platform__settlement') }}
    where is_valid
),

named as (
    select * from settlement
    where settlement_id in (select refund.refunded_settlement_id from settlement as refund)
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
        settlement.*,
        named.fee_yuan as original_yuan,
        first_delivery.known_on
    from settlement
    inner join named
        on
            settlement.refunded_settlement_id = named.settlement_id
            and sign(settlement.fee_yuan) = -sign(named.fee_yuan)
    inner join first_delivery on settlement.settlement_id = first_delivery.settlement_id
),

-- a refund counts where its original does, until that month is locked; then in its own
chain as (
    select
        settlement_id as root_id,
        fee_yuan as root_yuan,
        settlement_id,
        settlement_month as home_month,
        cast(0 as integer) as depth
    from named
    where refunded_settlement_id is null
    union all
    select
        chain.root_id,
        chain.root_yuan,
        refund.settlement_id,
        case
            when refund.known_on > month_lock.locked_on then refund.settlement_month
            else chain.home_month
        end as home_month,
        chain.depth + 1 as depth
    from chain
    inner join refund on chain.settlement_id = refund.refunded_settlement_id
    left join {{ source('raw', 'month_lock') }} as month_lock
        on chain.home_month = month_lock.month
),

final as (
    select
        chain.settlement_id,
        refund.refunded_settlement_id,
        chain.root_id,
        chain.home_month,
        chain.depth,
        coalesce(refund.fee_yuan, chain.root_yuan) as fee_yuan,
        refund.original_yuan,
        -- of a settlement of nothing, its steps are added up
        case
            when chain.root_yuan <> 0 then coalesce(refund.fee_yuan, chain.root_yuan)
            when chain.depth % 2 = 0 then 1
            else -1
        end as step_yuan,
        refund.known_on
    from chain
    left join refund on chain.settlement_id = refund.settlement_id
)

select * from final
