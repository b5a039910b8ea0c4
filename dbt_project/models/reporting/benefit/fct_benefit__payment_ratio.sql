-- One row per region, scheme, ratio, variant, period, origin, status and delivery: payment ratios.
with indicator_values as (
    select * from {{ ref('indicator_value') }}
),

kind as (
    select
        *,
        case
            when metric_key in ('policy_pay_ratio_ip_employee', 'policy_pay_ratio_ip_resident')
                then 'policy_scope'
            when metric_key = 'catalogue_pay_ratio_ip' then 'catalogue'
            when metric_key = 'actual_pay_ratio_ip' then 'actual'
        end as ratio_kind
    from indicator_values
),

final as (
    select
        region_code,
        scheme_code,
        ratio_kind,
        variant,
        period_basis,
        period_end,
        data_origin,
        report_status,
        known_on,
        metric_key,
        period_start,
        cast(value as decimal(20, 10)) as payment_rate,
        cast(numerator as decimal(24, 2)) as paid_yuan,
        cast(denominator as decimal(24, 2)) as fee_yuan,
        qualifier,
        quality_flag,
        value_key
    from kind
    where ratio_kind is not null
)

select * from final
