-- One row per step, side, scheme and month of the chain from groups to clearing and the ledger.
with clearing as (
    select * from {{ ref('stg_platform__clearing') }}
    where clearing_status_code <> '70' and scheme_code in ('employee', 'resident')
),

ledger as (
    select * from {{ ref('fct_fund__ledger') }}
    where
        fund_code in ('employee_pool', 'resident')
        and subject_code in (
            'expenditure_inpatient',
            'expenditure_outpatient',
            'expenditure_chronic',
            'expenditure_pharmacy',
            'expenditure_maternity_medical'
        )
),

applied as (
    select
        3 as step_number,
        'right' as side,
        scheme_code,
        last_day(clearing_month) as month_end,
        data_origin,
        cast(
            sum(case when fund_code in ('employee_pool', 'resident') then settlements else 0 end)
            as bigint
        ) as cases_cnt,
        cast(sum(applied_yuan) as decimal(24, 2)) as amount_yuan,
        max(known_on) as known_on
    from clearing
    where payment_method_code in ('20', '30', '40')
    group by scheme_code, last_day(clearing_month), data_origin
),

paid as (
    select
        4 as step_number,
        'left' as side,
        scheme_code,
        last_day(paid_date) as month_end,
        data_origin,
        cast(count(*) as bigint) as cases_cnt,
        cast(sum(paid_yuan) as decimal(24, 2)) as amount_yuan,
        max(known_on) as known_on
    from clearing
    where paid_date is not null and fund_code in ('employee_pool', 'resident')
    group by scheme_code, last_day(paid_date), data_origin
),

booked as (
    select
        scheme_code,
        month_end,
        data_origin,
        sum(amount_yuan) as amount_yuan,
        max(known_on) as known_on
    from ledger
    group by scheme_code, month_end, data_origin
),

final as (
    select * from applied
    union all
    select * from paid
    {% for step in [4, 5] -%}
        union all
        select
            {{ step }} as step_number,
            'right' as side,
            scheme_code,
            month_end,
            data_origin,
            cast(null as bigint) as cases_cnt,
            cast(amount_yuan as decimal(24, 2)) as amount_yuan,
            known_on
        from booked
    {% endfor %}
)

select * from final
