-- One row per settlement that counts, in the month where it does (E02), with the sign of its visit.
{{ config(materialized='view') }}
with settlement as (
    select * from {{ ref('stg_platform__settlement') }}
    where is_valid and not is_refund_flagged
),

resolved as (
    select * from {{ ref('int_benefit__resolved') }}
),

tied as (
    select settlement_id from {{ ref('int_benefit__tied') }}
),

final as (
    select
        settlement.*,
        1 as visits,
        false as is_adjustment,
        false as is_taken_back,
        settlement.settlement_month as original_month
    from settlement
    left join tied on settlement.settlement_id = tied.settlement_id
    where tied.settlement_id is null
    union all by name
    select * from resolved
)

select * from final
