-- One row per printed cell of a series in its newest delivery, as a term of identities.
with statistic as (
    select * from {{ ref('stg_published__statistic') }}
),

final as (
    select
        series_code,
        region_code,
        scheme_code,
        fund_scope,
        indicator_code,
        period_basis,
        period_start,
        period_end,
        unit,
        value,
        half_ulp,
        _batch_id,
        _row
    from statistic
    where bound in ('none', 'approx') and value is not null
    qualify row_number() over (
        partition by
            series_code,
            region_code,
            scheme_code,
            fund_scope,
            indicator_code,
            period_basis,
            period_end
        order by known_on desc, reliability, source_id, indicator_name, _batch_id, _row
    ) = 1
)

select * from final
