-- One row per measure and period: the newest exact number, for arithmetic (no bounds).
with preferred as (
    select * from {{ ref('int_published__measures_preferred') }}
),

final as (
    select
        metric_key,
        variant,
        region_code,
        scheme_code,
        fund_scope,
        period_basis,
        period_start,
        period_end,
        data_origin,
        report_status,
        known_on,
        number,
        half_ulp,
        value_key
    from preferred
    where bound in ('none', 'approx')
    qualify row_number() over (
        partition by
            metric_key, variant, region_code, scheme_code, fund_scope, period_basis, period_end,
            data_origin, report_status
        order by known_on desc
    ) = 1
)

select * from final
