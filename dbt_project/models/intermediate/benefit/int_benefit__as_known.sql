-- One row per side, day of knowledge, region, scheme and recent month: settlements as known then.
with batch as (
    select * from {{ ref('stg_published__batch') }}
),

region as (
    select * from {{ ref('stg_reference__region') }}
    where is_in_province
),

as_known as (
    select
        'present' as side,
        max(known_on) as known_by
    from batch
    where feed = 'settlement'
    union all
    select
        'past' as side,
        cast(max(known_on) - interval 1 year as date) as known_by
    from batch
    where feed = 'settlement'
),

version as (
    select
        as_known.side,
        as_known.known_by,
        record.setl_id,
        record.init_setl_id is not null and record.medfee_sumamt < 0 as is_refund,
        record.mid_setl_flag = '1'
        and record.mdtrt_id is not null
        and coalesce(record.cal_ipt_cnt, '0') <> '1' as is_interim,
        record.insutype,
        region.unit_code as region_code,
        last_day(cast(record.setl_time as date)) as month_end,
        coalesce(record.vali_flag, '1') = '1' as is_valid,
        coalesce(record.out_flag, '0') as remote_side_code,
        record.medfee_sumamt as fee_yuan,
        coalesce(record.fund_pay_sumamt, 0) as fund_yuan,
        batch.data_origin,
        batch.known_on
    from {{ source('raw', 'settlement') }} as record
    inner join batch on record._batch_id = batch.batch_id
    left join region on record.insu_admdvs = region.region_code
    inner join as_known
        on
            batch.known_on <= as_known.known_by
            and cast(record.setl_time as date)
            >= cast(
                date_trunc('month', as_known.known_by)
                - interval {{ last_maturity_lag() }} month as date
            )
    qualify row_number() over (
        partition by as_known.side, record.setl_id
        order by {{ newest_first('updt_time') }}
    ) = 1
),

final as (
    select
        side,
        known_by,
        region_code,
        case insutype when '310' then 'employee' else 'resident' end as scheme_code,
        month_end,
        data_origin,
        cast(sum(case when is_interim then 0 when is_refund then -1 else 1 end) as bigint)
            as visits,
        cast(sum(fee_yuan) as decimal(24, 2)) as fee_yuan,
        cast(sum(fund_yuan) as decimal(24, 2)) as fund_yuan,
        max(known_on) as known_on
    from version
    where
        is_valid
        and region_code is not null
        and remote_side_code <> '2'
        and insutype in ('310', '390')
        and month_end <= known_by
    group by side, known_by, region_code, insutype, month_end, data_origin
)

select * from final
