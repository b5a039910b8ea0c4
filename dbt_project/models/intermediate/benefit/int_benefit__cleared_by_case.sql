-- One row per institution, month and scheme whose stays were all cleared by case (F08).
with clearing as (
    select * from {{ ref('stg_platform__clearing') }}
    where
        clearing_type_code = '21'
        and clearing_status_code in ('50', '60')
        and scheme_code in ('employee', 'resident')
        and institution_code is not null
),

final as (
    select
        institution_code,
        clearing_month,
        scheme_code,
        max(known_on) as known_on
    from clearing
    group by institution_code, clearing_month, scheme_code
    having
        sum(
            case when coalesce(payment_method_code, '') in ('20', '30', '40') then 0 else 1 end
        ) = 0
)

select * from final
