-- One row per person, kind of certificate and stretch of months with one in force.
with certificate as (
    select
        coalesce(person_key.psn_key, certificate.psn_no) as psn_key,
        case certificate.certificate_kind when 'two_disease' then 'two_disease' else 'opsp' end
            as certificate_kind,
        cast(date_trunc('month', certificate.begin_date) as date) as first_month,
        case
            when certificate.end_date < date '9999-12-31'
                then
                    cast(
                        date_trunc('month', {{ day_after('certificate.end_date') }}) as date
                    )
            else certificate.end_date
        end as after_month,
        certificate.known_on
    from {{ ref('stg_platform__chronic_certificate') }} as certificate
    left join {{ ref('stg_platform__person_key') }} as person_key
        on certificate.psn_no = person_key.psn_no
),

reached as (
    select
        *,
        max(after_month) over (
            partition by psn_key, certificate_kind
            order by first_month, after_month
            rows between unbounded preceding and 1 preceding
        ) as after_earlier
    from certificate
    where first_month < after_month
),

numbered as (
    select
        *,
        sum(case when after_earlier >= first_month then 0 else 1 end) over (
            partition by psn_key, certificate_kind
            order by first_month, after_month
            rows between unbounded preceding and current row
        ) as stretch
    from reached
),

final as (
    select
        psn_key,
        certificate_kind,
        stretch,
        min(first_month) as first_month,
        max(after_month) as after_month,
        max(known_on) as known_on
    from numbered
    group by psn_key, certificate_kind, stretch
)

select * from final
