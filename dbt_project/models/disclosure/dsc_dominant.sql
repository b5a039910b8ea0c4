-- One row per count, region, scheme and month where one person has half of the fee, or two 85 %.
with counted as (
    select * from {{ ref('int_benefit__counted') }}
    where coalesce(remote_side_code, '0') <> '2' and scheme_code <> 'other'
),

code as (
    select * from {{ ref('feed_code') }}
    where code_set = 'med_type'
),

cell as (
    select * from {{ ref('dsc_cells') }}
    where
        cell_kind = 'own'
        and number >= least_count
        and number < 200
        and count_measure in ('ip_visits', 'op_visits', 'opsp_visits', 'maternity_visits')
        and scheme_code <> 'all'
        and region_code <> '460000'
),

named as (
    select
        counted.psn_no,
        counted.data_origin,
        counted.region_code,
        counted.scheme_code,
        counted.settlement_month,
        counted.fee_yuan,
        case
            when code.maps_to = 'op' then 'op_visits'
            when code.maps_to = 'opsp' then 'opsp_visits'
            when code.maps_to = 'ip' then 'ip_visits'
            when code.maps_to in ('maternity_op', 'maternity_ip') then 'maternity_visits'
        end as count_measure
    from counted
    inner join code on counted.service_type_code = code.code
),

person as (
    select
        named.count_measure,
        named.data_origin,
        named.region_code,
        named.scheme_code,
        named.settlement_month,
        named.psn_no,
        sum(named.fee_yuan) as fee_yuan
    from named
    inner join cell
        on
            named.count_measure = cell.count_measure
            and named.data_origin = cell.data_origin
            and named.region_code = cell.region_code
            and named.scheme_code = cell.scheme_code
            and named.settlement_month = date_trunc('month', cell.month_end)
    group by
        named.count_measure,
        named.data_origin,
        named.region_code,
        named.scheme_code,
        named.settlement_month,
        named.psn_no
),

placed as (
    select
        *,
        row_number() over (
            partition by count_measure, data_origin, region_code, scheme_code, settlement_month
            order by fee_yuan desc, psn_no
        ) as place
    from person
),

shared as (
    select
        count_measure,
        data_origin,
        region_code,
        scheme_code,
        settlement_month,
        sum(fee_yuan) as fee_yuan,
        sum(case when place = 1 then fee_yuan else 0 end) as largest_yuan,
        sum(case when place <= 2 then fee_yuan else 0 end) as largest_two_yuan
    from placed
    group by count_measure, data_origin, region_code, scheme_code, settlement_month
),

final as (
    select
        count_measure,
        data_origin,
        region_code,
        scheme_code,
        last_day(settlement_month) as month_end
    from shared
    where largest_yuan > 0.5 * fee_yuan or largest_two_yuan > 0.85 * fee_yuan
)

select * from final
