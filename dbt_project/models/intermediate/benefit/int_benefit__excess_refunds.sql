-- One row per refund beyond what there was to refund, and per refund of such a one.
with recursive refund as (
    select * from {{ ref('int_benefit__refunds') }}
    where depth > 0
),

descent as (
    select
        settlement_id as refund_id,
        settlement_id,
        fee_yuan
    from refund
    union all
    select
        descent.refund_id,
        refund.settlement_id,
        refund.fee_yuan
    from descent
    inner join refund on descent.settlement_id = refund.refunded_settlement_id
),

lasting as (
    select
        refund_id,
        sum(fee_yuan) as lasting_yuan
    from descent
    group by refund_id
),

-- refunds of one original are taken as they came, up to its amount; what was restored took nothing
excess as (
    select refund.settlement_id
    from refund
    inner join lasting on refund.settlement_id = lasting.refund_id
    qualify sum(
        case
            when refund.fee_yuan < 0
                then -least(greatest(lasting.lasting_yuan, refund.fee_yuan), 0)
            else greatest(least(lasting.lasting_yuan, refund.fee_yuan), 0)
        end
    ) over (
        partition by refund.refunded_settlement_id
        order by refund.known_on, refund.settlement_id
        rows between unbounded preceding and current row
    ) > abs(refund.original_yuan) + 0.01
),

final as (
    select descent.settlement_id
    from descent
    inner join excess on descent.refund_id = excess.settlement_id
    group by descent.settlement_id
)

select * from final
