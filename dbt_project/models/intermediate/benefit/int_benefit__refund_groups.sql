-- One row per chain of refunds and month where it counts: the settlement that carries it there.
with link as (
    select * from {{ ref('int_benefit__refunds') }}
    where
        settlement_id not in (
            select excess.settlement_id from {{ ref('int_benefit__excess_refunds') }} as excess
        )
),

carrier as (
    select
        root_id,
        home_month,
        settlement_id as carrier_id,
        depth,
        known_on
    from link
    qualify row_number() over (
        partition by root_id, home_month order by depth, known_on, settlement_id
    ) = 1
),

summed as (
    select
        root_id,
        home_month,
        sum(fee_yuan) as fee_yuan,
        sum(step_yuan) as step_yuan
    from link
    group by root_id, home_month
),

standing as (
    select
        carrier.*,
        summed.fee_yuan,
        case
            when sum(summed.step_yuan) over (
                partition by carrier.root_id
                order by carrier.depth, carrier.known_on, carrier.home_month
                rows between unbounded preceding and current row
            ) > 0.01 then 1
            else 0
        end as visits_so_far
    from carrier
    inner join summed
        on carrier.root_id = summed.root_id and carrier.home_month = summed.home_month
),

counted as (
    select
        *,
        visits_so_far - coalesce(
            lag(visits_so_far) over (
                partition by root_id order by depth, known_on, home_month
            ),
            0
        ) as visits,
        last_value(visits_so_far) over (
            partition by root_id
            order by depth, known_on, home_month
            rows between unbounded preceding and unbounded following
        ) = 0 as is_taken_back
    from standing
),

final as (
    select
        root_id,
        home_month,
        carrier_id,
        carrier_id <> root_id as is_adjustment,
        visits,
        visits <> 0 or abs(fee_yuan) > 0.01 as is_counted,
        is_taken_back
    from counted
)

select * from final
