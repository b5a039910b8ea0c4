-- One row per county, scheme, month and count of settlements: records that the last release lacked.
with counted as (
    select * from {{ ref('int_benefit__counted') }}
),

code as (
    select * from {{ ref('feed_code') }}
    where code_set = 'med_type'
),

released_batch as (
    select * from {{ source('raw', 'released_batch') }}
),

late as (
    select
        counted.data_origin,
        counted.region_code,
        counted.scheme_code,
        last_day(counted.settlement_month) as month_end,
        case
            when code.maps_to = 'op' then 'op_visits'
            when code.maps_to = 'opsp' then 'opsp_visits'
            when code.maps_to = 'ip' then 'ip_visits'
            when code.maps_to in ('maternity_op', 'maternity_ip') then 'maternity_visits'
        end as count_measure
    from counted
    left join code on counted.service_type_code = code.code
    left join released_batch on counted._batch_id = released_batch.batch_id
    where released_batch.batch_id is null
),

final as (
    select
        data_origin,
        region_code,
        scheme_code,
        month_end,
        count_measure,
        count(*) as records_cnt
    from late
    where count_measure is not null
    group by data_origin, region_code, scheme_code, month_end, count_measure
    union all
    select
        data_origin,
        region_code,
        scheme_code,
        month_end,
        'visits' as count_measure,
        count(*) as records_cnt
    from late
    group by data_origin, region_code, scheme_code, month_end
)

select * from final
