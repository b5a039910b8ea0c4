-- One row per institution that was paid by case: the first month in which it was (F07, F08).
with listed as (
    select * from {{ ref('stg_platform__grouping') }}
    where is_paid_by_group and institution_code is not null
),

clearing as (
    select * from {{ ref('stg_platform__clearing') }}
    where
        payment_method_code in ('20', '30', '40')
        and clearing_status_code in ('50', '60')
        and institution_code is not null
),

unioned as (
    select
        institution_code,
        discharge_month as paid_month,
        known_on
    from listed
    union all
    select
        institution_code,
        clearing_month as paid_month,
        known_on
    from clearing
),

final as (
    select
        institution_code,
        min(paid_month) as first_month,
        max(known_on) as known_on
    from unioned
    group by institution_code
)

select * from final
