-- One row per settlement that counts, with its service and how it was paid (F07, else F08 and F04).
{{ config(materialized='view') }}
with counted as (
    select * from {{ ref('int_benefit__counted') }}
),

code as (
    select * from {{ ref('feed_code') }}
    where code_set = 'med_type'
),

listed as (
    select * from {{ ref('stg_platform__grouping') }}
),

paying as (
    select * from {{ ref('int_benefit__paying_institutions') }}
),

cleared as (
    select * from {{ ref('int_benefit__cleared_by_case') }}
),

final as (
    select
        counted.*,
        coalesce(code.maps_to, 'unclassified') as service_code,
        case
            when listed.is_paid_by_group then 'by_disease'
            when listed.is_paid_by_day then 'by_day'
            -- a simulated group changes nothing in what was paid
            when
                counted.payment_method_code in ('20', '30', '40')
                and listed.settlement_id is not null
                then 'by_item'
            when
                counted.payment_method_code in ('20', '30', '40')
                and counted.settlement_month >= paying.first_month
                then 'by_disease'
            when listed.settlement_id is null and cleared.institution_code is not null
                then 'by_disease'
            when counted.payment_method_code in ('1', '10') then 'by_item'
            when counted.payment_method_code = '50' then 'by_day'
            when counted.payment_method_code = '60' then 'by_head'
            else 'other'
        end as payment_method,
        greatest(counted.known_on, coalesce(listed.known_on, counted.known_on)) as paid_known_on
    from counted
    left join code on counted.service_type_code = code.code
    left join listed
        on
            case
                when counted.visits < 0 then counted.refunded_settlement_id
                else counted.settlement_id
            end = listed.settlement_id
    left join paying on counted.institution_code = paying.institution_code
    left join cleared
        on
            counted.institution_code = cleared.institution_code
            and counted.settlement_month = cleared.clearing_month
            and counted.scheme_code = cleared.scheme_code
            and code.maps_to in ('ip', 'maternity_ip')
)

select * from final
