-- One row per row of int_benefit__person_months, with the person and the month of the benefit year.
{{ config(materialized='view') }}
with person_month as (
    select * from {{ ref('int_benefit__person_months') }}
),

person_key as (
    select * from {{ ref('stg_platform__person_key') }}
),

keyed as (
    select
        person_month.*,
        coalesce(person_key.psn_key, person_month.psn_no) as psn_key
    from person_month
    left join person_key on person_month.psn_no = person_key.psn_no
),

certificate as (
    select
        coalesce(person_key.psn_key, certificate.psn_no) as psn_key,
        certificate.disease_code,
        certificate.begin_date,
        certificate.end_date
    from {{ ref('stg_platform__chronic_certificate') }} as certificate
    left join person_key on certificate.psn_no = person_key.psn_no
    where certificate.certificate_kind = 'two_disease'
),

-- 3.15: residents with a certificate of the disease in that month
two_disease as (
    select
        keyed.psn_key,
        keyed.chronic_disease_code,
        keyed.month_start
    from keyed
    inner join certificate
        on
            keyed.psn_key = certificate.psn_key
            and keyed.chronic_disease_code = certificate.disease_code
            and certificate.begin_date <= last_day(keyed.month_start)
            and certificate.end_date >= keyed.month_start
    where keyed.scheme_code = 'resident'
    group by keyed.psn_key, keyed.chronic_disease_code, keyed.month_start
),

final as (
    select
        keyed.*,
        greatest(
            least(keyed.month_start, make_date(keyed.benefit_year, 12, 1)),
            make_date(keyed.benefit_year, 1, 1)
        ) as counted_month,
        case
            when keyed.scheme_code = 'resident' and two_disease.psn_key is not null
                then keyed.pool_yuan
            else cast(0 as decimal(24, 2))
        end as two_disease_yuan
    from keyed
    left join two_disease
        on
            keyed.psn_key = two_disease.psn_key
            and keyed.chronic_disease_code = two_disease.chronic_disease_code
            and keyed.month_start = two_disease.month_start
)

select * from final
