-- One row per region, scheme and year-end: households with catastrophic own payments (a proxy).
with payment as (
    select * from {{ ref('int_protection__payments') }}
),

income as (
    select * from {{ ref('int_protection__incomes') }}
),

parameter as (
    select
        parameter_year,
        {{ parameter_columns(['catastrophic_share']) }}
    from {{ ref('int_calendar__parameters') }}
    group by parameter_year
),

unit_year as (
    select
        unit_key,
        year(month_start) as payment_year,
        data_origin,
        max(region_code) as region_code,
        max(scheme_code) as scheme_code,
        max(household_persons) as household_persons,
        sum(person_yuan) as person_yuan,
        max(known_on) as known_on
    from payment
    group by unit_key, year(month_start), data_origin
),

judged as (
    select
        unit_year.*,
        case
            when
                unit_year.person_yuan
                >= parameter.catastrophic_share * income.income_yuan * unit_year.household_persons
                then unit_year.household_persons
            else 0
        end as catastrophic_persons
    from unit_year
    inner join income
        on
            unit_year.payment_year = income.income_year
            and unit_year.region_code = income.region_code
    inner join parameter on unit_year.payment_year = parameter.parameter_year
),

judged_year as (
    select
        payment_year,
        data_origin,
        max(known_on) as known_on
    from judged
    group by payment_year, data_origin
),

counted as (
    select
        payment_year,
        region_code,
        scheme_code,
        data_origin,
        catastrophic_persons,
        known_on
    from judged
    union all
    select
        judged_year.payment_year,
        place.region_code,
        place.scheme_code,
        place.data_origin,
        0 as catastrophic_persons,
        judged_year.known_on
    from judged_year
    inner join {{ ref('msr_places') }} as place
        on judged_year.data_origin = place.data_origin
),

wide as (
    select
        case when grouping(region_code) = 1 then '460000' else region_code end as region_code,
        case when grouping(scheme_code) = 1 then 'all' else scheme_code end as scheme_code,
        'all' as fund_scope,
        make_date(payment_year, 12, 31) as month_end,
        data_origin,
        'preliminary' as report_status,
        sum(catastrophic_persons) as catastrophic_persons,
        max(known_on) as known_on
    from counted
    group by
        payment_year,
        data_origin,
        grouping sets ((region_code, scheme_code), (region_code), (scheme_code), ())
),

final as (
    {{ measure_rows('wide', ['catastrophic_persons']) }}
)

select * from final
