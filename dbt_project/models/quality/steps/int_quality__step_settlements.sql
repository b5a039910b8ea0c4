-- One row per step, side, scheme and month of the chain from settlements to groups.
with settlement as (
    select * from {{ ref('stg_platform__settlement') }}
    where is_valid and scheme_code in ('employee', 'resident')
),

fund_line as (
    select * from {{ ref('stg_platform__fund_line') }}
),

stay as (
    select * from {{ ref('stg_platform__grouping') }}
),

code as (
    select * from {{ ref('feed_code') }}
),

by_settlement as (
    select
        fund_line.settlement_id,
        sum(
            case when layer.maps_to in ('acct', 'hospital') then 0 else fund_line.paid_yuan end
        ) as paid_yuan,
        max(fund_line.known_on) as known_on
    from fund_line
    left join code as layer
        on fund_line.fund_payment_code = layer.code and layer.code_set = 'fund_pay_type'
    group by fund_line.settlement_id
),

joined as (
    select
        settlement.scheme_code,
        last_day(settlement.settlement_month) as month_end,
        settlement.data_origin,
        settlement.known_on,
        settlement.fund_yuan,
        settlement.pool_yuan,
        settlement.remote_side_code,
        case
            when settlement.refunded_settlement_id is null or settlement.fee_yuan > 0 then 1
            else -1
        end as visits,
        service.maps_to in ('ip', 'maternity_ip') as is_stay,
        by_settlement.paid_yuan as line_yuan,
        by_settlement.known_on as line_known_on,
        stay.item_fund_yuan,
        stay.payable_yuan,
        stay.is_paid_by_group,
        stay.known_on as stay_known_on
    from settlement
    left join code as service
        on settlement.service_type_code = service.code and service.code_set = 'med_type'
    left join by_settlement on settlement.settlement_id = by_settlement.settlement_id
    left join stay on settlement.settlement_id = stay.settlement_id
),

summed as (
    select
        scheme_code,
        month_end,
        data_origin,
        cast(sum(visits) as bigint) as all_cnt,
        sum(fund_yuan) as fund_yuan,
        sum(case when coalesce(remote_side_code, '0') <> '2' then pool_yuan else 0 end)
            as pool_yuan,
        max(known_on) as known_on,
        cast(sum(case when line_yuan is not null then visits end) as bigint) as line_cnt,
        sum(line_yuan) as line_yuan,
        max(line_known_on) as line_known_on,
        cast(sum(case when line_yuan is not null and is_stay then visits end) as bigint)
            as stay_line_cnt,
        sum(case when is_stay then line_yuan end) as stay_line_yuan,
        count(item_fund_yuan) as list_cnt,
        sum(item_fund_yuan) as list_yuan,
        max(stay_known_on) as stay_known_on,
        count(case when is_paid_by_group then 1 end) as case_cnt,
        sum(case when is_paid_by_group then payable_yuan end) as case_yuan
    from joined
    group by scheme_code, month_end, data_origin
),

final as (
    {% for step, side, cnt, yuan, known_on in [
        (1, 'left', 'all_cnt', 'fund_yuan', 'known_on'),
        (1, 'right', 'line_cnt', 'line_yuan', 'line_known_on'),
        (2, 'left', 'stay_line_cnt', 'stay_line_yuan', 'line_known_on'),
        (2, 'right', 'list_cnt', 'list_yuan', 'stay_known_on'),
        (3, 'left', 'case_cnt', 'case_yuan', 'stay_known_on'),
        (5, 'left', 'all_cnt', 'pool_yuan', 'known_on'),
    ] -%}
        select
            {{ step }} as step_number,
            '{{ side }}' as side,
            scheme_code,
            month_end,
            data_origin,
            {{ "cast(null as bigint)" if step == 5 else cnt }} as cases_cnt,
            cast({{ yuan }} as decimal(24, 2)) as amount_yuan,
            {{ known_on }} as known_on
        from summed
        where {{ yuan }} is not null
        {% if not loop.last %}
            union all
        {% endif %}
    {%- endfor %}
)

select * from final
