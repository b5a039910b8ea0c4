-- One row per region, scheme and year: benefits of the pool by settlements and by the ledger.
with settled as (
    select
        region_code,
        scheme_code,
        data_origin,
        year(month_end) as settled_year,
        sum(pool_yuan) as pool_yuan
    from {{ ref('fct_benefit__month') }}
    group by region_code, scheme_code, data_origin, year(month_end)
),

booked as (
    select
        region_code,
        scheme_code,
        data_origin,
        year(month_end) as booked_year,
        max(month_end) as period_end,
        count(distinct month_end) as months_booked,
        sum(amount_yuan) as expense_yuan
    from {{ ref('fct_fund__ledger') }}
    where
        subject_kind = 'expenditure'
        and fund_scope = 'pool'
        and scheme_code in ('employee', 'resident')
        and subject_code in (
            'expenditure_inpatient',
            'expenditure_outpatient',
            'expenditure_chronic',
            'expenditure_pharmacy',
            'expenditure_maternity_medical'
        )
    group by region_code, scheme_code, data_origin, year(month_end)
),

final as (
    select
        'ledger_against_settlements' as check_code,
        'pool' as rule,
        booked.data_origin as series_code,
        booked.region_code,
        booked.scheme_code,
        'pool' as fund_scope,
        'fund_expense' as indicator_code,
        'year' as period_basis,
        booked.period_end,
        'yuan' as unit,
        cast(settled.pool_yuan as decimal(28, 10)) as expected_value,
        cast(booked.expense_yuan as decimal(28, 10)) as found_value,
        cast(null as varchar) as found_qualifier,
        cast(abs(booked.expense_yuan) * 0.02 as decimal(28, 10)) as tolerance,
        '全年统筹待遇支出：结算合计与台账科目之差（拨付滞后、年终清算、预付），容差 2%' as rule_zh,
        'yearly benefits of the pool: settlements against ledger (payment lag, clearing); 2 %'
            as rule_en,
        cast(null as varchar) as batch_id,
        cast(null as bigint) as record_number,
        booked.data_origin as cell
    from booked
    inner join settled
        on
            booked.region_code = settled.region_code
            and booked.scheme_code = settled.scheme_code
            and booked.data_origin = settled.data_origin
            and booked.booked_year = settled.settled_year
    where booked.months_booked = 12
)

select * from final
