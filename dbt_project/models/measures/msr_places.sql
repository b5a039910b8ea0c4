-- One row per region and scheme with somebody enrolled or something settled in it.
with enrolled as (
    select * from {{ ref('fct_enrolment__month_end') }}
),

settled as (
    select * from {{ ref('fct_benefit__month') }}
),

final as (
    select
        region_code,
        scheme_code,
        data_origin
    from enrolled
    where scheme_code in ('employee', 'resident')
    union
    select
        region_code,
        scheme_code,
        data_origin
    from settled
    where scheme_code in ('employee', 'resident')
)

select * from final
