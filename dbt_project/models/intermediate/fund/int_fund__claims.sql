-- One row per clearing application and fund: what is owed, and what was paid first and in the end.
with newest as (
    select * from {{ ref('stg_platform__clearing') }}
    where clearing_status_code <> '70' and fund_code in ('employee_pool', 'resident')
),

paid_version as (
    select
        record.clr_appy_evt_id as application_id,
        record.fund_code,
        record.pay_date as first_paid_date,
        coalesce(record.actual_pay, 0) as first_paid_yuan
    from {{ source('raw', 'clearing') }} as record
    inner join {{ ref('stg_published__batch') }} as batch on record._batch_id = batch.batch_id
    where record.pay_date is not null
    qualify row_number() over (
        partition by record.clr_appy_evt_id, record.fund_code
        order by record.pay_date, batch.known_on, record._batch_id, record._row
    ) = 1
),

final as (
    select
        newest.application_id,
        newest.fund_code,
        newest.clearing_month,
        newest.data_origin,
        newest.applied_yuan - newest.deducted_yuan - newest.offset_yuan + newest.retained_yuan
            as owed_yuan,
        paid_version.first_paid_date,
        paid_version.first_paid_yuan,
        newest.paid_date as last_paid_date,
        newest.paid_yuan as last_paid_yuan,
        newest.known_on
    from newest
    left join paid_version
        on
            newest.application_id = paid_version.application_id
            and newest.fund_code = paid_version.fund_code
)

select * from final
