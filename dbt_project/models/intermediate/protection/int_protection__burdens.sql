-- One row per unit and stretch of months: own payments of 12 months, where they may matter.
with payment as (
    select * from {{ ref('int_protection__payments') }}
),

smallest as (
    select
        min(income.income_yuan)
        * min(case when parameter.parameter_key = 'risk_blue' then parameter.value end)
            as smallest_yuan
    from {{ ref('int_protection__incomes') }} as income
    inner join {{ ref('int_calendar__parameters') }} as parameter
        on income.income_year = parameter.parameter_year
),

unit_year as (
    select
        unit_key,
        year(month_start) as payment_year,
        sum(greatest(person_yuan, 0)) as year_yuan
    from payment
    group by unit_key, year(month_start)
),

two_years as (
    select
        unit_key,
        sum(year_yuan) over (
            partition by unit_key
            order by payment_year
            rows between 1 preceding and current row
        ) as two_year_yuan
    from unit_year
),

candidate as (
    select two_years.unit_key
    from two_years
    cross join smallest
    where two_years.two_year_yuan >= smallest.smallest_yuan
    group by two_years.unit_key
),

change as (
    select
        payment.*,
        payment.month_start as change_month,
        payment.person_yuan as change_yuan
    from payment
    inner join candidate on payment.unit_key = candidate.unit_key
    union all
    select
        payment.*,
        cast(payment.month_start + interval 12 month as date) as change_month,
        -payment.person_yuan as change_yuan
    from payment
    inner join candidate on payment.unit_key = candidate.unit_key
),

changed as (
    select
        unit_key,
        data_origin,
        change_month,
        max(is_household) as is_household,
        max(household_persons) as household_persons,
        max(region_code) as region_code,
        max(scheme_code) as scheme_code,
        sum(change_yuan) as change_yuan,
        max(known_on) as known_on
    from change
    group by unit_key, data_origin, change_month
),

final as (
    select
        unit_key,
        data_origin,
        is_household,
        household_persons,
        region_code,
        scheme_code,
        change_month as from_month,
        lead(change_month, 1, date '9999-12-01') over (
            partition by unit_key, data_origin order by change_month
        ) as before_month,
        sum(change_yuan) over (
            partition by unit_key, data_origin
            order by change_month
            rows between unbounded preceding and current row
        ) as burden_yuan,
        known_on
    from changed
)

select * from final
