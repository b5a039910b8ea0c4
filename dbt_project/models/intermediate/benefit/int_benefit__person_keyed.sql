-- One row per row of int_benefit__person_months, with the person and the month of the benefit year.
{{ config(materialized='view') }}
with person_month as (
    select * from {{ ref('int_benefit__person_months') }}
),

person_key as (
    select * from {{ source('raw', 'person_key') }}
    where id_kind = 'psn_no'
),

two_disease as (
    select
        psn_no,
        disease_code,
        min(begin_date) as begin_date,
        max(end_date) as end_date
    from {{ ref('stg_platform__chronic_certificate') }}
    where certificate_kind = 'two_disease'
    group by psn_no, disease_code
),

final as (
    select
        person_month.*,
        coalesce(person_key.psn_key, person_month.psn_no) as psn_key,
        greatest(
            least(person_month.month_start, make_date(person_month.benefit_year, 12, 1)),
            make_date(person_month.benefit_year, 1, 1)
        ) as counted_month,
        case
            when two_disease.psn_no is null then cast(0 as decimal(24, 2))
            else person_month.pool_yuan
        end as two_disease_yuan
    from person_month
    left join person_key on person_month.psn_no = person_key.id_value
    left join two_disease
        on
            person_month.psn_no = two_disease.psn_no
            and person_month.chronic_disease_code = two_disease.disease_code
            and two_disease.begin_date <= last_day(person_month.month_start)
            and two_disease.end_date >= person_month.month_start
)

select * from final
