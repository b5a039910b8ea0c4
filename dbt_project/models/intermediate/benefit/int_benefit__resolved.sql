-- One row per settlement that counts with refunds of it or with other parts of its stay.
with settlement as (
    select * from {{ ref('int_benefit__tied') }}
),

refund as (
    select * from {{ ref('int_benefit__refunds') }}
),

refund_group as (
    select * from {{ ref('int_benefit__refund_groups') }}
),

segment as (
    select * from {{ ref('int_benefit__segments') }}
),

part as (
    select
        settlement.*,
        coalesce(
            segment.counts_with_id, refund_group.carrier_id, settlement.settlement_id
        ) as carrier_id
    from settlement
    left join refund on settlement.settlement_id = refund.settlement_id
    left join {{ ref('int_benefit__excess_refunds') }} as excess
        on settlement.settlement_id = excess.settlement_id
    left join refund_group
        on
            refund.root_id = refund_group.root_id
            and refund.home_month = refund_group.home_month
            and excess.settlement_id is null
    left join segment
        on coalesce(refund_group.carrier_id, settlement.settlement_id) = segment.settlement_id
    where refund.settlement_id is null or refund_group.is_counted
),

summed as (
    select
        carrier_id,
        {% for amount in benefit_amounts() -%}
            sum({{ amount }}) as {{ amount }},
        {% endfor -%}
        max(known_on) as known_on
    from part
    group by carrier_id
),

final as (
    select
        carrier.* replace (
            -- a refund takes back where its original was given
            coalesce(root.region_code, carrier.region_code) as region_code,
            coalesce(root.scheme_code, carrier.scheme_code) as scheme_code,
            coalesce(whole.begin_date, segment.begin_date, carrier.begin_date) as begin_date,
            coalesce(whole.end_date, segment.end_date, carrier.end_date) as end_date,
            {% for amount in benefit_amounts() -%}
                cast(summed.{{ amount }} as decimal(16, 2)) as {{ amount }},
            {% endfor -%}
            summed.known_on as known_on
        ),
        coalesce(refund_group.visits, 1) * coalesce(whole.visits, segment.visits, 1) as visits,
        coalesce(refund_group.is_adjustment, false) as is_adjustment,
        coalesce(refund_group.is_taken_back, false) as is_taken_back,
        coalesce(root.settlement_month, carrier.settlement_month) as original_month
    from summed
    inner join settlement as carrier on summed.carrier_id = carrier.settlement_id
    left join refund_group on summed.carrier_id = refund_group.carrier_id
    left join settlement as root on refund_group.root_id = root.settlement_id
    left join segment on summed.carrier_id = segment.settlement_id
    left join segment as whole on refund_group.root_id = whole.settlement_id
)

select * from final
