-- One row per settlement of a stay that was settled in parts: the settlement that it counts with.
with settlement as (
    select * from {{ ref('stg_platform__settlement') }}
    where
        is_valid
        and visit_id is not null
        and service_type_code in (
            select code.code from {{ ref('feed_code') }} as code
            where code.code_set = 'med_type' and code.maps_to in ('ip', 'maternity_ip')
        )
),

refund_group as (
    select * from {{ ref('int_benefit__refund_groups') }}
    where not is_adjustment
),

refunded as (
    select settlement_id from {{ ref('int_benefit__refunds') }}
),

visit as (
    select
        psn_no,
        institution_code,
        visit_id
    from settlement
    where interim_code = '1' or stay_code = '0'
    group by psn_no, institution_code, visit_id
),

segment as (
    select
        settlement.settlement_id,
        settlement.psn_no,
        settlement.visit_id,
        coalesce(settlement.institution_code, '') as institution_code,
        settlement.settlement_month,
        settlement.settled_at,
        coalesce(settlement.begin_date, cast(settlement.settled_at as date)) as begin_date,
        coalesce(settlement.end_date, cast(settlement.settled_at as date)) as end_date,
        -- an interim settlement ends no stay unless it says that it counts as one
        not coalesce(settlement.interim_code = '1', false)
        or coalesce(settlement.stay_code = '1', false) as is_last,
        coalesce(refund_group.is_taken_back, false) as is_taken_back
    from settlement
    inner join visit
        on
            settlement.psn_no = visit.psn_no
            and settlement.visit_id = visit.visit_id
            and settlement.institution_code is not distinct from visit.institution_code
    left join refund_group on settlement.settlement_id = refund_group.carrier_id
    left join refunded on settlement.settlement_id = refunded.settlement_id
    where
        coalesce(refund_group.is_counted, false)
        or (refunded.settlement_id is null and not settlement.is_refund_flagged)
),

stay as (
    select
        *,
        first_value(case when is_last then settlement_id end) over same_stay as carrier_id,
        min(begin_date) over whole_stay as stay_begin_date,
        max(end_date) over whole_stay as stay_end_date,
        count(*) over whole_stay as segments
    from segment
    window
        whole_stay as (partition by psn_no, visit_id, institution_code, is_taken_back),
        same_stay as (
            partition by psn_no, visit_id, institution_code, is_taken_back
            order by is_last desc, end_date desc, settled_at desc, settlement_id desc
        )
),

first_delivery as (
    select
        record.setl_id as settlement_id,
        min(batch.known_on) as known_on
    from {{ source('raw', 'settlement') }} as record
    inner join {{ ref('stg_published__batch') }} as batch on record._batch_id = batch.batch_id
    where record.setl_id in (select stay.carrier_id from stay)
    group by record.setl_id
),

final as (
    select
        stay.settlement_id,
        stay.carrier_id is null as is_open,
        -- what was settled in a month that was locked before the stay ended stays in that month
        case
            when stay.carrier_id is null then stay.settlement_id
            when first_delivery.known_on > month_lock.locked_on then stay.settlement_id
            else stay.carrier_id
        end as counts_with_id,
        case when stay.carrier_id = stay.settlement_id then 1 else 0 end as visits,
        case when stay.carrier_id = stay.settlement_id then stay.stay_begin_date end as begin_date,
        case when stay.carrier_id = stay.settlement_id then stay.stay_end_date end as end_date
    from stay
    left join first_delivery on stay.carrier_id = first_delivery.settlement_id
    left join {{ source('raw', 'month_lock') }} as month_lock
        on
            stay.settlement_month = month_lock.month
            and stay.settlement_id <> stay.carrier_id
    where stay.segments > 1 or not stay.is_last
)

select * from final
