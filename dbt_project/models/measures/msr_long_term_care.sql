-- One row per measure of long-term care and year-end, in the province: 0 until there is one.
with enrolment as (
    select * from {{ ref('stg_platform__enrolment') }}
    where insurance_type_code = '410'
),

person_month as (
    select * from {{ ref('int_benefit__person_keyed') }}
    where scheme_code = 'long_term_care'
),

calendar as (
    select * from {{ ref('int_calendar__months') }}
    where month(month_end) = 12
),

covered as (
    select
        calendar.month_end,
        calendar.data_origin,
        max(cell.known_on) as known_on
    from calendar
    inner join {{ ref('fct_enrolment__month_end') }} as cell
        on calendar.month_end = cell.month_end
    group by calendar.month_end, calendar.data_origin
),

insured as (
    select
        covered.month_end,
        count(distinct enrolment.psn_no) as insured_persons
    from covered
    inner join enrolment
        on
            enrolment.begin_date <= covered.month_end
            and enrolment.before_date > covered.month_end
    group by covered.month_end
),

beneficiary as (
    select
        benefit_year,
        psn_key,
        sum(fund_yuan) as fund_yuan
    from person_month
    group by benefit_year, psn_key
),

benefit as (
    select
        make_date(benefit_year, 12, 31) as month_end,
        sum(case when fund_yuan > 0 then 1 else 0 end) as beneficiaries,
        sum(fund_yuan) as fund_yuan
    from beneficiary
    group by benefit_year
),

wide as (
    select
        '460000' as region_code,
        'all' as scheme_code,
        'all' as fund_scope,
        covered.month_end,
        covered.data_origin,
        'preliminary' as report_status,
        coalesce(insured.insured_persons, 0) as ltc_insured,
        coalesce(benefit.beneficiaries, 0) as ltc_beneficiaries,
        coalesce(benefit.fund_yuan, 0) as ltc_payment,
        covered.known_on
    from covered
    left join insured on covered.month_end = insured.month_end
    left join benefit on covered.month_end = benefit.month_end
),

final as (
    {{ measure_rows('wide', ['ltc_insured', 'ltc_beneficiaries', 'ltc_payment']) }}
)

select * from final
